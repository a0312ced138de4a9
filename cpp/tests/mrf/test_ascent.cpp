#include <gtest/gtest.h>

#include "mrf/dual/ascent.hpp"
#include "tests/mrf/random_grid.hpp"

using namespace metafast::mrf;
using namespace metafast::mrf::testing;

namespace {

// D(x) = least of `slope[i] * x + height[i]` over all i: the simplest of duals.
class Roof final : public Ascent {
public:
    Roof(std::vector<double> slopes, std::vector<double> heights, double momentum)
        : Ascent(unit_range(), momentum, 7.0, {}),
          slopes_(std::move(slopes)),
          heights_(std::move(heights)) {
        start();
    }

    int width() const override { return 1; }
    Labelling labelling(bool) const override { return {}; }
    Certificate certify(const CertifyOptions&) const override { return {}; }
    Successor restricted(const Field&, const CostRange&) const override { return nullptr; }
    Successor as_strips(int) const override { return nullptr; }

    double at_saved() const { return value(saved_x_); }
    int saves = 0;

private:
    static CostRange unit_range() {
        CostRange range;
        range.widest = 1.0;
        return range;
    }
    std::size_t active(double x) const {
        std::size_t best = 0;
        for (std::size_t i = 1; i < slopes_.size(); ++i) {
            if (slopes_[i] * x + heights_[i] < slopes_[best] * x + heights_[best]) best = i;
        }
        return best;
    }
    double value(double x) const { return slopes_[active(x)] * x + heights_[active(x)]; }
    Outcome pass(Step step) override {
        velocity_ += step.size * slopes_[active(x_)];
        x_ += velocity_;
        velocity_ *= step.momentum;
        const double slope = slopes_[active(x_)];
        return {value(x_), slope * slope};
    }
    void save() override { saved_x_ = x_, ++saves; }

    std::vector<double> slopes_, heights_;
    double x_ = 0.0, velocity_ = 0.0, saved_x_ = 0.0;
};

}  // namespace

TEST(Ascent, ClimbsAConcaveFunctionToItsTop) {
    for (const double momentum : {0.0, 0.9, 0.96}) {
        for (const double known : {0.6, 2.0, kInfinity}) {  // the top is at 0.6, so all are bounds
            Roof roof({2.0, 0.5, -1.0}, {-1.2, 0.1, 1.6}, momentum);
            double best = roof.best();
            for (int pass = 0; pass < 2000; ++pass) {
                roof.iterate(known);
                EXPECT_GE(roof.best(), best);
                best = roof.best();
                EXPECT_LE(best, 0.6 + 1e-9);
                EXPECT_LE(roof.saved(), best);
            }
            EXPECT_GT(best, 0.6 - 5e-3);
        }
    }
}

TEST(Ascent, TheValueSavedIsThatOfTheMultipliersSaved) {
    Roof roof({1.0, -0.3}, {-5.0, 4.0}, 0.9);
    for (int pass = 0; pass < 300; ++pass) {
        roof.iterate(kInfinity);
        EXPECT_DOUBLE_EQ(roof.saved(), roof.at_saved());
    }
    EXPECT_GT(roof.saves, 0);
    EXPECT_LT(roof.saves, 300);
}

TEST(Ascent, RestsOnceTheCopiesAgree) {
    Roof roof({0.0}, {1.5}, 0.9);
    EXPECT_TRUE(roof.agreed());
    EXPECT_EQ(roof.best(), 1.5);
    roof.iterate(2.0);
    EXPECT_EQ(roof.best(), 1.5);
}

TEST(Level, NeverAimsAboveTheEnergyKnown) {
    Level level;
    level.best = level.milestone = 1.0;
    level.start(1.0, 3.0, 1.0);
    EXPECT_EQ(level.reach, 2.0);
    EXPECT_EQ(level.target(3.0), 3.0);
    level.reach = 10.0;
    EXPECT_EQ(level.target(3.0), 3.0);
    level.reach = 0.5;
    EXPECT_EQ(level.target(3.0), 1.5);
}

TEST(Level, ComesDownWhereItIsOutOfReachAndUpWhereItIsNot) {
    Level level;
    level.best = level.milestone = 0.0;
    level.start(0.0, 1.0, 1.0);
    const double reach = level.reach, patience = level.patience;
    for (int pass = 0; pass < patience; ++pass) level.judge(0.0);
    EXPECT_LT(level.reach, reach);
    EXPECT_GT(level.patience, patience);
    const double low = level.reach;
    level.judge(0.9 * low);
    EXPECT_GT(level.reach, low);
}

TEST(Level, WithoutAnEnergyAimsAtAShareOfTheValue) {
    Level level;
    level.start(-20.0, kInfinity, 0.5);
    EXPECT_DOUBLE_EQ(level.reach, 2.5);
    level.start(3.0, 2.0, 0.5);  // rounding carried the value above the energy
    EXPECT_GT(level.reach, 0.0);
}

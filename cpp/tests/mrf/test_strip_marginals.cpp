#include <gtest/gtest.h>

#include "mrf/strips/strip_marginals.hpp"
#include "tests/mrf/random_grid.hpp"

using namespace metafast::mrf;
using namespace metafast::mrf::testing;

namespace {

// A whole grid as one strip.
void expect_marginals(int rows, int cols, int labels, Kind kind, unsigned seed) {
    const RandomGrid random(rows, cols, labels, kind, seed);
    const LabelSets sets = some_labels(random.grid, seed);
    const Lines lines{Field{random.grid, sets}, false};
    StripMarginals strip;
    std::vector<std::vector<int>> counts(rows);
    for (int slot = 0; slot < rows; ++slot) {
        for (int pos = 0; pos < cols; ++pos) counts[slot].push_back(lines.labels(slot, pos));
    }
    strip.lay_out(counts);
    std::vector<double> scratch(random.grid.pairs());
    for (int slot = 0; slot < rows; ++slot) {
        for (int pos = 0; pos < cols; ++pos) {
            const int count = counts[slot][pos];
            std::copy_n(lines.unary(slot, pos, scratch.data()), count, strip.node(slot, pos));
            if (pos + 1 < cols) {
                std::copy_n(lines.along(slot, pos, scratch.data()), count * counts[slot][pos + 1],
                            strip.along(slot, pos));
            }
            if (slot + 1 < rows) {
                std::copy_n(lines.across(slot, pos, scratch.data()), count * counts[slot + 1][pos],
                            strip.across(slot, pos));
            }
        }
    }
    ASSERT_TRUE(strip.solve(true, nullptr));

    const Optimum optimum = brute_force(random.grid, sets);
    EXPECT_LE(strip.bound().lower(), optimum.upper);
    if (std::isinf(optimum.upper)) {
        EXPECT_TRUE(std::isinf(strip.value()));
        return;
    }
    const double scale = std::max(std::fabs(optimum.upper), 1e-300);
    EXPECT_NEAR(strip.bound().lower(), optimum.upper, 1e-12 * scale);
    Labelling x(random.grid.nodes());
    for (int slot = 0; slot < rows; ++slot) {
        for (int pos = 0; pos < cols; ++pos) {
            const std::size_t node = lines.node(slot, pos);
            x[node] = sets.label(node, strip.chosen(slot, pos));
            for (int k = 0; k < counts[slot][pos]; ++k) {
                double least = kInfinity;
                for_each_labelling(sets, [&](const Labelling& y) {
                    if (y[node] != sets.open(node)[k]) return;
                    least = std::min(least, energy(random.grid, y).upper());
                });
                // Never more than the truth, and no less but for rounding.
                const double excess = strip.min_marginal_excess(slot, pos, Position(k));
                EXPECT_LE(strip.bound().lower() + excess, least + 1e-15 * scale);
                if (std::isinf(least)) {
                    EXPECT_EQ(excess, kInfinity);
                } else {
                    EXPECT_NEAR(excess, least - optimum.upper, 1e-11 * (scale + std::fabs(least)));
                }
            }
        }
    }
    EXPECT_NEAR(energy(random.grid, x).value(), optimum.upper, 1e-12 * scale);
}

}  // namespace

TEST(StripMarginals, AgainstBruteForce) {
    unsigned seed = 0;
    for (const Kind kind : kAllKinds) {
        for (int trial = 0; trial < 3; ++trial) {
            expect_marginals(1, 5, 4, kind, ++seed);
            expect_marginals(2, 1, 4, kind, ++seed);
            expect_marginals(2, 2, 5, kind, ++seed);
            expect_marginals(2, 4, 3, kind, ++seed);
            expect_marginals(3, 3, 2, kind, ++seed);
            expect_marginals(5, 2, 2, kind, ++seed);
        }
        expect_marginals(2, 1, 37, kind, ++seed);  // whole vectors and a rest
    }
}

TEST(StripMarginals, ManyLabelsAgainstOneWithoutVectors) {
    // Costs that depend on one slot only: the other must not matter.
    std::mt19937_64 generator(5);
    std::uniform_real_distribution<double> uniform;
    for (const int many : {3, 4, 8, 19, 64}) {
        const int length = 6;
        StripMarginals strip;
        strip.lay_out({std::vector<int>(length, 2), std::vector<int>(length, many)});
        std::vector<double> best(many, 0.0);
        for (int pos = 0; pos < length; ++pos) {
            std::vector<double> next(many);
            for (int k = 0; k < many; ++k) {
                const double cost = uniform(generator);
                strip.node(1, pos)[k] = cost;
                double least = pos == 0 ? 0.0 : kInfinity;
                for (int a = 0; a < many && pos > 0; ++a) {
                    const double edge = uniform(generator);
                    strip.along(1, pos - 1)[a * many + k] = edge;
                    least = std::min(least, best[a] + edge);
                }
                next[k] = least + cost;
            }
            best.swap(next);
        }
        ASSERT_TRUE(strip.solve(true, nullptr));
        const double least = *std::min_element(best.begin(), best.end());
        EXPECT_NEAR(strip.bound().lower(), least, 1e-12);
        for (int k = 0; k < many; ++k) {
            EXPECT_NEAR(strip.min_marginal_excess(1, length - 1, Position(k)), best[k] - least,
                        1e-12);
        }
    }
}

TEST(StripMarginals, StopWhenAsked) {
    StripMarginals strip;
    strip.lay_out({{1, 1}, {2, 2}});
    EXPECT_FALSE(strip.solve(true, [] { return true; }));
}

#include <gtest/gtest.h>

#include "mrf/search/incumbent.hpp"
#include "tests/mrf/random_grid.hpp"

using namespace metafast::mrf;
using namespace metafast::mrf::testing;

TEST(Incumbent, KeepsTheBestLabellingAndTheBestBound) {
    const RandomGrid random(4, 4, 3, Kind::uniform, 1);
    Result result;
    Incumbent incumbent(random.grid, 0.0, result);
    EXPECT_EQ(incumbent.energy(), kInfinity);
    EXPECT_EQ(incumbent.gap(), kInfinity);
    double least = kInfinity;
    for (unsigned seed = 0; seed < 20; ++seed) {
        const Labelling x = random_labelling(random.grid, seed);
        least = std::min(least, energy(random.grid, x).upper());
        incumbent.offer(x);
        EXPECT_EQ(result.energy, least);
        EXPECT_EQ(result.energy, energy(random.grid, result.labelling).upper());
    }
    for (const double bound : {-3.0, -5.0, 1.0, 0.5}) incumbent.offer_bound(bound, 0.0);
    EXPECT_EQ(incumbent.bound(), 1.0);
    EXPECT_DOUBLE_EQ(incumbent.gap(), (least - 1.0) / least);
    EXPECT_FALSE(incumbent.proved());
}

TEST(Incumbent, KeepsALabellingEvenWhereNoneIsFeasible) {
    RandomGrid random(1, 2, 2, Kind::uniform, 1);
    std::fill(random.horizontal.begin(), random.horizontal.end(), kInfinity);
    Result result;
    Incumbent incumbent(random.grid, 0.0, result);
    incumbent.offer({1, 0});
    EXPECT_EQ(result.labelling, (Labelling{1, 0}));
    EXPECT_EQ(incumbent.energy(), kInfinity);
    incumbent.offer_bound(kInfinity, 0.0);
    EXPECT_TRUE(incumbent.proved());
    EXPECT_FALSE(result.optimal);
}

TEST(Incumbent, IsOptimalOnlyWhereBoundAndEnergyMeetButForRounding) {
    const RandomGrid random(3, 3, 2, Kind::ties, 1);
    const Labelling x = random_labelling(random.grid, 3);
    const double e = energy(random.grid, x).upper();
    for (const double margin : {0.0, 1e-12, 1.0}) {
        for (const double missing : {0.0, 1e-12, 1e-6}) {
            Result result;
            Incumbent incumbent(random.grid, 0.0, result);
            incumbent.offer(x);
            incumbent.offer_bound(e - missing, margin);
            // No rounding, however large, makes up for a gap of 1e-6.
            EXPECT_EQ(result.optimal, missing <= 2.0 * margin && missing < 1e-9);
        }
    }
}

TEST(Incumbent, IsProvedByTheGapThatWasWanted) {
    const RandomGrid random(3, 3, 2, Kind::uniform, 2);
    const Labelling x = random_labelling(random.grid, 3);
    const double e = energy(random.grid, x).upper();
    Result result;
    Incumbent incumbent(random.grid, 0.1, result);
    incumbent.offer(x);
    incumbent.offer_bound(0.89 * e, 0.0);
    EXPECT_FALSE(incumbent.proved());
    incumbent.offer_bound(0.91 * e, 0.0);
    EXPECT_TRUE(incumbent.proved());
    EXPECT_FALSE(result.optimal);
}

TEST(Incumbent, GapsAreRelativeToTheLargestCostWhereTheTermsCancel) {
    RandomGrid random(1, 2, 2, Kind::uniform, 2);
    random.unary = {2.0, 0.0, -2.0, 0.0};
    std::fill(random.horizontal.begin(), random.horizontal.end(), 0.0);
    Result result;
    Incumbent incumbent(random.grid, 0.0, result);
    incumbent.offer({0, 0});
    EXPECT_EQ(incumbent.energy(), 0.0);
    EXPECT_EQ(incumbent.size(), 2.0);
    incumbent.offer_bound(-1e-15, 1e-15);
    EXPECT_DOUBLE_EQ(incumbent.gap(), 5e-16);
    EXPECT_TRUE(result.optimal);
}

TEST(Incumbent, BoundsAreRoundedUpToTheQuantumOfTheCosts) {
    const RandomGrid random(3, 3, 2, Kind::ties, 1);
    Result result;
    Incumbent incumbent(random.grid, 0.0, result);
    incumbent.set_quantum(0.5);
    incumbent.offer_bound(-3.2, 0.0);
    EXPECT_EQ(incumbent.bound(), -3.0);
    incumbent.offer_bound(-3.0, 0.0);
    incumbent.offer_bound(1.5, 0.0);
    EXPECT_EQ(incumbent.bound(), 1.5);
    for (const double large : {1e20, 1.7e308}) {
        incumbent.offer_bound(large, 0.0);
        EXPECT_EQ(incumbent.bound(), large);
    }
}

TEST(Incumbent, IsProvedOnceTheSearchIsClosed) {
    const RandomGrid random(3, 3, 2, Kind::uniform, 2);
    Result result;
    Incumbent incumbent(random.grid, 0.0, result);
    EXPECT_FALSE(incumbent.closed());
    incumbent.close();
    EXPECT_TRUE(incumbent.closed());
    EXPECT_TRUE(incumbent.proved());
}

#include <gtest/gtest.h>

#include <cstdint>

#include "mrf/dual/lanes.hpp"
#include "tests/mrf/random_grid.hpp"

using namespace metafast::mrf;
using namespace metafast::mrf::testing;

TEST(Lanes, FillWholeVectorsOfEveryProcessor) {
    EXPECT_EQ(sizeof(Lanes), kLanes * sizeof(float));
    EXPECT_EQ(sizeof(Lanes) % 64, 0u);
    EXPECT_EQ(alignof(Lanes), 64u);
    EXPECT_EQ(sizeof(PositionLanes), kLanes * sizeof(Position));
    const std::vector<Lanes> lanes(3);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(lanes.data()) % 64, 0u);
}

TEST(Lanes, WorkingCostsCountFromTheLeastEntryInUnitsOfTheScale) {
    const std::vector<double> table = {5.0, 2.0, kInfinity, 10.0};
    const double least = least_entry(table.data(), table.size());
    EXPECT_EQ(least, 2.0);
    EXPECT_EQ(working_cost(5.0, least, 4.0), 0.75f);
    EXPECT_EQ(working_cost(2.0, least, 4.0), 0.0f);
    EXPECT_EQ(working_cost(kInfinity, least, 4.0), kForbidden);
}

TEST(Lanes, ATableThatIsForbiddenThroughoutCountsFromZero) {
    const std::vector<double> table(3, kInfinity);
    EXPECT_EQ(least_entry(table.data(), table.size()), 0.0);
}

TEST(Lanes, WhatANodeLacksCostsMoreThanAllThatIsForbiddenAroundIt) {
    // its own cost, the edges to four neighbours, and as much again from what was summed before
    EXPECT_GT(kAbsent, 100.0f * kForbidden);
    EXPECT_TRUE(std::isfinite(100.0f * kAbsent));
}

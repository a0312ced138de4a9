#include <gtest/gtest.h>

#include <random>

#include "mrf/dual/copies.hpp"
#include "tests/mrf/random_grid.hpp"

using namespace metafast::mrf;
using namespace metafast::mrf::testing;

namespace {

__extension__ typedef __int128 Wide;  // exact sums of float64 integers

}  // namespace

TEST(Copies, SubtractionRoundsDownAndNoFurtherThanItMust) {
    std::mt19937_64 generator(1);
    for (int trial = 0; trial < 20000; ++trial) {
        const int shift = static_cast<int>(generator() % 40);
        const double a = std::ldexp(static_cast<double>(generator() % (1u << 30)) - 5e8, shift);
        const double b = static_cast<double>(generator() >> 11) - 4e15;
        const double difference = subtract_down(a, b);
        const Wide exact = static_cast<Wide>(a) - static_cast<Wide>(b);
        EXPECT_LE(static_cast<Wide>(difference), exact);
        EXPECT_GT(static_cast<Wide>(std::nextafter(difference, kInfinity)), exact - 1);
    }
    EXPECT_EQ(subtract_down(5.0, 3.0), 2.0);
}

TEST(Copies, TogetherCostNoMoreThanTheCost) {
    std::mt19937_64 generator(2);
    for (int trial = 0; trial < 20000; ++trial) {
        const double cost = 2.0 * static_cast<double>(generator() >> 12);
        const double multiplier = std::ldexp(static_cast<double>(generator() >> 40) - 8e6,
                                             static_cast<int>(generator() % 60));
        const double first = first_copy(cost, multiplier), second = second_copy(cost, multiplier);
        if (std::fabs(first) > 1e30) continue;
        EXPECT_LE(static_cast<Wide>(std::floor(second)) + static_cast<Wide>(std::floor(first)),
                  static_cast<Wide>(cost));
        const double size = std::max(std::fabs(first), std::fabs(cost));
        EXPECT_NEAR(second, cost - first, 4e-16 * size);
    }
}

TEST(Copies, WithoutMultiplierAreHalves) {
    EXPECT_EQ(first_copy(3.0, 0.0), 1.5);
    EXPECT_EQ(second_copy(3.0, 0.0), 1.5);
}

TEST(Copies, WhatIsForbiddenStaysForbiddenInBoth) {
    for (const double multiplier : {0.0, 1e300, -1e300}) {
        EXPECT_EQ(first_copy(kInfinity, multiplier), kInfinity);
        EXPECT_EQ(second_copy(kInfinity, multiplier), kInfinity);
    }
}

TEST(Copies, MultipliersThatAreNoNumbersCountAsNone) {
    for (const double wrong : {kInfinity, -kInfinity, std::nan(""), 1e308}) {
        EXPECT_EQ(first_copy(3.0, wrong), 1.5);
        EXPECT_EQ(second_copy(3.0, wrong), 1.5);
    }
}

#include <gtest/gtest.h>

#include <random>

#include "mrf/model/rounding.hpp"

using metafast::mrf::CompensatedSum;

TEST(CompensatedSum, IntegersAreExact) {
    CompensatedSum sum;
    for (int i = 0; i < 1000; ++i) sum.add(i - 300.0);
    EXPECT_EQ(sum.lower(), 199500.0);
    EXPECT_EQ(sum.upper(), 199500.0);
}

TEST(CompensatedSum, RecoversWhatCancels) {
    CompensatedSum sum;
    for (const double value : {1e16, 1.0, -1e16, 1e-3}) sum.add(value);
    EXPECT_NEAR(sum.value(), 1.001, 1e-15);
}

TEST(CompensatedSum, BracketsTheExactSum) {
    std::mt19937_64 generator(1);
    std::uniform_int_distribution<long> draw(-1000000000L, 1000000000L);
    for (int trial = 0; trial < 200; ++trial) {
        CompensatedSum sum, parts, left, right;
        long exact = 0;  // in units of 2^-40, so that the exact sum is known
        for (int i = 0; i < 100; ++i) {
            const long units = draw(generator) * (i % 3 == 0 ? 4096 : 1);
            exact += units;
            sum.add(std::ldexp(static_cast<double>(units), -40));
            (i < 40 ? left : right).add(std::ldexp(static_cast<double>(units), -40));
        }
        parts.add(left);
        parts.add(right);
        const double value = std::ldexp(static_cast<double>(exact), -40);
        for (const auto& s : {sum, parts}) {
            EXPECT_LE(s.lower(), value);
            EXPECT_GE(s.upper(), value);
        }
    }
}

TEST(CompensatedSum, InfinityStays) {
    CompensatedSum sum;
    sum.add(1.0);
    sum.add(std::numeric_limits<double>::infinity());
    sum.add(2.0);
    EXPECT_TRUE(std::isinf(sum.lower()));
    EXPECT_TRUE(std::isinf(sum.upper()));
}

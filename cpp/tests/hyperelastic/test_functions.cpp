// Logarithm and exponential against those of the standard library.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "hyperelastic/functions.hpp"

namespace metafast::hyperelastic {
namespace {

template <class Number>
class Functions : public testing::Test {};

using Widths = testing::Types<Vector<16>, Vector<32>, Vector<64>>;
TYPED_TEST_SUITE(Functions, Widths);

constexpr double kUnits = 1e-15;  // a few units in the last place

TYPED_TEST(Functions, LogarithmOfNumbersOfAnySize) {
    using V = typename TypeParam::Double;
    std::mt19937 random(1);
    for (const double size : {1e-9, 1e-3, 0.5, 5.0, 300.0}) {
        std::uniform_real_distribution<double> number(-size, size);
        for (int i = 0; i < 2000; ++i) {
            V x;
            for (int k = 0; k < TypeParam::doubles; ++k) x[k] = std::exp(number(random));
            const V found = log(x);
            for (int k = 0; k < TypeParam::doubles; ++k) {
                const double expected = std::log(x[k]);
                ASSERT_NEAR(found[k], expected, kUnits * std::abs(expected)) << x[k];
            }
        }
    }
}

TYPED_TEST(Functions, ExponentialOfNumbersOfAnySize) {
    using V = typename TypeParam::Double;
    std::mt19937 random(2);
    for (const double size : {1e-9, 1e-3, 0.5, 5.0, 600.0}) {
        std::uniform_real_distribution<double> number(-size, size);
        for (int i = 0; i < 2000; ++i) {
            V x;
            for (int k = 0; k < TypeParam::doubles; ++k) x[k] = number(random);
            const V found = exp(x);
            for (int k = 0; k < TypeParam::doubles; ++k) {
                const double expected = std::exp(x[k]);
                ASSERT_NEAR(found[k], expected, kUnits * expected) << x[k];
            }
        }
    }
}

TYPED_TEST(Functions, ExactPlacesAndBounds) {
    using V = typename TypeParam::Double;
    const V zero = V{} * 0.0;
    EXPECT_EQ(log(zero + 1.0)[0], 0.0);
    EXPECT_EQ(exp(zero)[0], 1.0);
    EXPECT_TRUE(std::isfinite(exp(zero + 1e300)[0]));
    EXPECT_GT(exp(zero - 1e300)[0], 0.0);
}

}  // namespace
}  // namespace metafast::hyperelastic

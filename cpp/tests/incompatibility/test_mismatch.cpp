#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "incompatibility/mismatch.hpp"

using namespace metafast::incompatibility;

TEST(Mismatch, Geometric) {
    const std::uint8_t a[] = {1, 1, 0, 0}, b[] = {0, 1, 1, 0}, none[] = {0, 0, 0, 0};
    EXPECT_EQ(geometric_mismatch(a, a, 4), 0.0);
    EXPECT_DOUBLE_EQ(geometric_mismatch(a, b, 4), 2.0 / 3.0);
    EXPECT_EQ(geometric_mismatch(a, none, 4), 1.0);
    EXPECT_EQ(geometric_mismatch(none, none, 4), 1.0);
}

TEST(Mismatch, Mechanical) {
    std::vector<double> a(30), b(30), zero(30);
    for (int i = 0; i < 30; ++i) a[i] = std::sin(i + 1.0), b[i] = -a[i];
    const double size = l1(a.data(), 30);
    EXPECT_EQ(mechanical_mismatch(a.data(), size, b.data(), size, 30), 0.0);
    EXPECT_EQ(mechanical_mismatch(a.data(), size, a.data(), size, 30), 1.0);
    EXPECT_EQ(mechanical_mismatch(a.data(), size, zero.data(), 0.0, 30), 1.0);
    for (double& each : b) each *= 0.5;  // half of a is left over, of one and a half
    EXPECT_DOUBLE_EQ(mechanical_mismatch(a.data(), size, b.data(), 0.5 * size, 30), 1.0 / 3.0);
    EXPECT_EQ(mechanical_mismatch(zero.data(), 0.0, zero.data(), 0.0, 30), 0.0);
}

TEST(Mismatch, L1OfAnyLength) {
    for (int n = 0; n < 40; ++n) {
        std::vector<double> a(n);
        double expected = 0.0;
        for (int i = 0; i < n; ++i) a[i] = std::cos(3.0 * i), expected += std::fabs(a[i]);
        EXPECT_NEAR(l1(a.data(), n), expected, 1e-13);
    }
}

TEST(Mismatch, IsSymmetricAndLiesBetweenZeroAndOne) {
    for (int n = 1; n < 30; ++n) {
        std::vector<std::uint8_t> solid_a(n), solid_b(n);
        std::vector<double> a(n), b(n);
        for (int i = 0; i < n; ++i) {
            solid_a[i] = (i * 7 + n) % 3 > 0, solid_b[i] = (i * 5 + n) % 2;
            a[i] = std::sin(2.0 * i + n), b[i] = std::cos(3.0 * i);
        }
        const double geometric = geometric_mismatch(solid_a.data(), solid_b.data(), n);
        EXPECT_EQ(geometric, geometric_mismatch(solid_b.data(), solid_a.data(), n));
        EXPECT_GE(geometric, 0.0);
        EXPECT_LE(geometric, 1.0);
        const double size_a = l1(a.data(), n), size_b = l1(b.data(), n);
        const double mechanical = mechanical_mismatch(a.data(), size_a, b.data(), size_b, n);
        EXPECT_EQ(mechanical, mechanical_mismatch(b.data(), size_b, a.data(), size_a, n));
        EXPECT_GE(mechanical, 0.0);
        EXPECT_LE(mechanical, 1.0);
        EXPECT_LE(l1_of_sum(a.data(), b.data(), n), size_a + size_b + 1e-12);
    }
}

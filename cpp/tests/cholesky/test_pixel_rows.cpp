// Rows read from the stencils are those of the matrix that is assembled pixel by pixel.
#include <gtest/gtest.h>

#include <vector>

#include "cholesky/pixel_rows.hpp"
#include "tests/cholesky/example.hpp"

namespace metafast::cholesky {
namespace {

constexpr int kFallingContact = 9, kRisingContact = 6;

// Number of a degree of freedom of a pixel's corner; where two pixels touch in the corner only, the
// lower pixel has the second copy of the node.
std::int32_t number(const Example& example, int i, int j, int p, bool below) {
    const int node = i * example.cols + j, code = example.code[node];
    const std::int32_t* free = &example.dof[2 * node];
    if (free[p] < 0) return -1;
    const bool twice = code == kFallingContact || code == kRisingContact;
    return twice && below ? free[p] + (free[0] >= 0) + (free[1] >= 0) : free[p];
}

// (n, n), numbers of degrees of freedom.
std::vector<double> assembled(const Example& example) {
    const double self[2][2] = {{3.2, 0.4}, {0.4, 4.1}}, other[2][2] = {{-1.0, -0.1}, {-0.1, -1.0}};
    std::vector<double> matrix(static_cast<std::size_t>(example.n) * example.n, 0.0);
    for (int r = 0; r + 1 < example.rows; ++r) {
        for (int c = 0; c + 1 < example.cols; ++c) {
            if (!(example.code[r * example.cols + c] >> 3 & 1)) continue;  // void
            for (int a = 0; a < 4; ++a) {
                for (int b = 0; b < 4; ++b) {
                    for (int p = 0; p < 2; ++p) {
                        for (int q = 0; q < 2; ++q) {
                            // the corners in the pixel's upper row have the pixel below them
                            const int k = number(example, r + a / 2, c + a % 2, p, a / 2 == 0);
                            const int m = number(example, r + b / 2, c + b % 2, q, b / 2 == 0);
                            if (k < 0 || m < 0) continue;
                            matrix[static_cast<std::size_t>(k) * example.n + m] +=
                                (a == b ? self : other)[p][q];
                        }
                    }
                }
            }
        }
    }
    return matrix;
}

TEST(PixelRows, AreThoseOfTheAssembledMatrix) {
    for (unsigned seed = 1; seed <= 4; ++seed) {
        const Example example(7, 9, seed);
        const auto expected = assembled(example);
        const PixelRows rows(example.grid(), example.order.data(), example.n);
        ASSERT_EQ(rows.size(), example.n);
        std::vector<double> found(expected.size(), 0.0);
        for (std::int32_t k = 0; k < example.n; ++k) {
            rows.upper(k, [&](std::int32_t m, double value) {
                ASSERT_GE(m, k);
                const std::size_t a = rows.order(k), b = rows.order(m);
                EXPECT_EQ(found[a * example.n + b], 0.0);  // every entry once
                found[a * example.n + b] = found[b * example.n + a] = value;
            });
        }
        for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-12);
    }
}

TEST(PixelRows, HaveCornerContactsToShow) {
    int contacts = 0;
    for (unsigned seed = 1; seed <= 4; ++seed) {
        const Example example(7, 9, seed);
        for (const int code : example.code) {
            contacts += code == kFallingContact || code == kRisingContact;
        }
    }
    EXPECT_GT(contacts, 10);  // else the test above says little
}

}  // namespace
}  // namespace metafast::cholesky

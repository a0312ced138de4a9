// Fronts are factorised as the plain loops do it, whatever their shape and the number of workers.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

#include "cholesky/dense.hpp"
#include "tests/cholesky/plain_blas.hpp"

namespace metafast::cholesky {
namespace {

// A positive definite front; what lies above the diagonals is NaN, since nobody may read it.
struct Example {
    int pivots, updates;
    std::vector<double> columns, update;

    Example(int p, int u, unsigned seed) : pivots(p), updates(u), columns((p + u) * p), update(u * u) {
        const int n = p + u;
        std::mt19937 random(seed);
        std::uniform_real_distribution<double> number(-1.0, 1.0);
        for (int c = 0; c < n; ++c) {
            for (int r = 0; r < n; ++r) {
                const double value = r < c ? std::nan("") : number(random) + (r == c ? n : 0.0);
                if (c < p) {
                    columns[c * n + r] = value;
                } else if (r >= p) {
                    update[(c - p) * u + r - p] = value;
                }
            }
        }
    }
    Dense dense() { return {pivots, updates, columns.data(), update.data()}; }
};

void plainly(Example& front) {
    const int p = front.pivots, u = front.updates, n = p + u;
    int info = 0;
    const double one = 1.0, minus = -1.0;
    plain::potrf("L", &p, front.columns.data(), &n, &info);
    ASSERT_EQ(info, 0);
    plain::trsm("R", "L", "T", "N", &u, &p, &one, front.columns.data(), &n, front.columns.data() + p, &n);
    plain::syrk("L", "N", &u, &p, &minus, front.columns.data() + p, &n, &one, front.update.data(), &u);
}

void expect_near(const Example& one, const Example& other, double tolerance) {
    const int p = one.pivots, u = one.updates, n = p + u;
    for (int c = 0; c < p; ++c) {
        for (int r = c; r < n; ++r) {
            ASSERT_NEAR(one.columns[c * n + r], other.columns[c * n + r], tolerance) << r << ' ' << c;
        }
    }
    for (int c = 0; c < u; ++c) {
        for (int r = c; r < u; ++r) {
            ASSERT_NEAR(one.update[c * u + r], other.update[c * u + r], tolerance) << r << ' ' << c;
        }
    }
}

TEST(DenseFronts, SmallOnesOfEveryShape) {
    for (int p = 1; p <= 21; ++p) {
        for (int u = 0; u <= 27; ++u) {
            Example ours(p, u, 100 * p + u), theirs = ours;
            ASSERT_EQ(eliminate_small(ours.dense()), 0);
            plainly(theirs);
            expect_near(ours, theirs, 1e-12);
        }
    }
}

TEST(DenseFronts, TilesDoNotDependOnTheWorkers) {
    const Blas blas = plain::blas();
    for (const auto& [p, u] : {std::pair{300, 290}, std::pair{520, 10}, std::pair{30, 400}}) {
        Example one(p, u, 7), three = one, theirs = one;
        ThreadPool single(1), several(3);
        ASSERT_EQ(eliminate(blas, one.dense(), single, nullptr), 0);
        ASSERT_EQ(eliminate(blas, three.dense(), several, nullptr), 0);
        plainly(theirs);
        expect_near(one, theirs, 1e-9);
        expect_near(one, three, 0.0);
    }
}

// L S L^T of the pivots, and the Schur complement added back, are the front that was given.
void expect_factors(const Example& before, const Example& after, const std::vector<std::int8_t>& signs,
                    double tolerance) {
    const int p = before.pivots, u = before.updates, n = p + u;
    for (int c = 0; c < n; ++c) {
        for (int r = c; r < n; ++r) {
            double sum = c < p ? 0.0 : after.update[(c - p) * u + r - p];
            for (int k = 0; k < std::min(p, c + 1); ++k) {
                sum += after.columns[k * n + r] * signs[k] * after.columns[k * n + c];
            }
            const double given = c < p ? before.columns[c * n + r] : before.update[(c - p) * u + r - p];
            ASSERT_NEAR(sum, given, tolerance) << r << ' ' << c;
        }
    }
}

TEST(DenseFronts, NegativePivotsAreCarriedByTheirSigns) {
    const Blas blas = plain::blas();
    ThreadPool pool(3);
    for (const auto& [p, u] : {std::pair{9, 5}, std::pair{23, 40}, std::pair{60, 70},
                               std::pair{300, 290}, std::pair{520, 10}}) {
        Example before(p, u, 11);
        for (int k = 2; k < p; k += 7) before.columns[k * (p + u) + k] = -2.0 * (p + u);
        Example one = before, several = before;
        std::vector<std::int8_t> signs(p), others(p);
        Dense dense = one.dense(), other = several.dense();
        dense.signs = signs.data();
        other.signs = others.data();
        ASSERT_EQ(eliminate(blas, dense), 0);
        ASSERT_EQ(eliminate(blas, other, pool, nullptr), 0);
        for (int k = 0; k < p; ++k) EXPECT_EQ(signs[k], k >= 2 && (k - 2) % 7 == 0 ? -1 : 1);
        EXPECT_EQ(signs, others);
        expect_factors(before, one, signs, 1e-9 * (p + u));
        expect_factors(before, several, others, 1e-9 * (p + u));
    }
}

TEST(DenseFronts, SignsOfAPositiveFrontChangeNoBit) {
    const Blas blas = plain::blas();
    for (const auto& [p, u] : {std::pair{20, 30}, std::pair{100, 120}}) {
        Example plain(p, u, 5), with_signs = plain;
        std::vector<std::int8_t> signs(p);
        Dense dense = with_signs.dense();
        dense.signs = signs.data();
        ASSERT_EQ(eliminate(blas, plain.dense()), 0);
        ASSERT_EQ(eliminate(blas, dense), 0);
        expect_near(plain, with_signs, 0.0);
    }
}

TEST(DenseFronts, APivotOfZeroIsNamedWithSignsToo) {
    const Blas blas = plain::blas();
    for (const int p : {9, 60}) {
        Example front(p, 4, 3);
        for (int row = 0; row < p + 4; ++row) {
            for (int c = 0; c < 3; ++c) front.columns[c * (p + 4) + row] = 0.0;
        }
        std::vector<std::int8_t> signs(p);
        Dense dense = front.dense();
        dense.signs = signs.data();
        EXPECT_EQ(eliminate(blas, dense), 1);
    }
}

TEST(DenseFronts, LargeOnesStopBetweenTiles) {
    ThreadPool pool(2);
    Example front(600, 300, 4);
    int asked = 0;
    EXPECT_EQ(eliminate(plain::blas(), front.dense(), pool, [&] { return ++asked == 3; }), kStopped);
    EXPECT_EQ(asked, 3);
}

TEST(DenseFronts, APivotThatIsNotPositiveIsNamed) {
    const Blas blas = plain::blas();
    ThreadPool pool(2);
    for (const int p : {9, 60, 450}) {
        Example front(p, 12, 3);
        const int bad = p - 2;
        front.columns[bad * (p + 12) + bad] = -1e6;
        EXPECT_EQ(eliminate(blas, front.dense(), pool, nullptr), bad + 1);
    }
}

}  // namespace
}  // namespace metafast::cholesky

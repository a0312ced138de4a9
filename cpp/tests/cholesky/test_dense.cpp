// Fronts are factorised as the plain loops do it, whatever their shape and the number of workers.
#include <gtest/gtest.h>

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

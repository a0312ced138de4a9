// The multifrontal factor solves what it was given, kept or dropped, with any number of workers.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <vector>

#include "cholesky/factor.hpp"
#include "tests/cholesky/plain_blas.hpp"

namespace metafast::cholesky {
namespace {

// A grid of solid pixels with holes and corner contacts, a stencil that makes a positive definite
// matrix, and a random order cut into a chain of blocks.
struct Example {
    int rows, cols;
    std::vector<std::uint8_t> code;
    std::vector<std::int32_t> dof, order, start, parent;
    std::vector<double> stencil = std::vector<double>(16 * 9 * 4, 0.0);
    std::int32_t n = 0;

    Example(int pixel_rows, int pixel_cols, unsigned seed) : rows(pixel_rows + 1), cols(pixel_cols + 1) {
        std::mt19937 random(seed);
        std::vector<int> solid(pixel_rows * pixel_cols);
        for (int& pixel : solid) pixel = random() % 100 < 60;
        code.assign(rows * cols, 0);
        for (int i = 0; i < rows; ++i) {
            for (int j = 0; j < cols; ++j) {
                for (int bit = 0; bit < 4; ++bit) {
                    const int r = i - 1 + bit / 2, c = j - 1 + bit % 2;
                    if (r < 0 || c < 0 || r >= pixel_rows || c >= pixel_cols) continue;
                    if (solid[r * pixel_cols + c]) code[i * cols + j] |= 1 << bit;
                }
            }
        }
        dof.assign(2 * rows * cols, -1);
        for (int node = 0; node < rows * cols; ++node) {
            if (code[node] == 0) continue;
            const std::int32_t first = n;
            for (int p = 0; p < 2; ++p) {
                if (node > 3) dof[2 * node + p] = n++;  // the first nodes are held
            }
            if (code[node] == 9 || code[node] == 6) n += n - first;
        }
        // Every pixel couples its four corners like springs, and stands on springs of its own.
        for (int own = 0; own < 16; ++own) {
            for (int bit = 0; bit < 4; ++bit) {
                if (!(own >> bit & 1)) continue;
                for (int other = 0; other < 4; ++other) {
                    const int di = other / 2 - 1 + bit / 2, dj = other % 2 - 1 + bit % 2;
                    double* value = stencil.data() + (own * 9 + (1 + di) * 3 + 1 + dj) * 4;
                    const bool self = di == 0 && dj == 0;
                    value[0] += self ? 3.2 : -1.0;
                    value[3] += self ? 4.1 : -1.0;
                    value[1] += self ? 0.4 : -0.1;
                    value[2] += self ? 0.4 : -0.1;
                }
            }
        }
        order.resize(n);
        std::iota(order.begin(), order.end(), 0);
        std::shuffle(order.begin(), order.end(), random);
        for (std::int32_t at = 0; at < n; at += 7) start.push_back(at);
        for (std::size_t block = 0; block < start.size(); ++block) {
            parent.push_back(block + 1 < start.size() ? static_cast<std::int32_t>(block + 1) : -1);
        }
        start.push_back(n);
    }

    PixelGrid grid() const { return {rows, cols, code.data(), dof.data(), stencil.data()}; }

    Factor factor(std::int32_t unit, int threads) const {
        const Tree tree{start.data(), parent.data(), static_cast<std::int32_t>(parent.size()), unit};
        return Factor(grid(), order.data(), n, tree, plain::blas(), threads);
    }

    // K x for one column, from the rows that the factor itself reads.
    std::vector<double> times(const std::vector<double>& x) const {
        const PixelRows matrix(grid(), order.data(), n);
        std::vector<double> y(n, 0.0);
        for (std::int32_t k = 0; k < n; ++k) {
            matrix.upper(k, [&](std::int32_t m, double value) {
                y[order[k]] += value * x[order[m]];
                if (m != k) y[order[m]] += value * x[order[k]];
            });
        }
        return y;
    }
};

std::vector<double> loads(std::int32_t n, int k) {
    std::mt19937 random(5);
    std::uniform_real_distribution<double> number(-1.0, 1.0);
    std::vector<double> values(static_cast<std::size_t>(n) * k);
    for (double& value : values) value = number(random);
    return values;
}

TEST(Cholesky, SolvesEveryColumn) {
    const Example example(14, 17, 1);
    for (const bool keep : {true, false}) {
        for (const int k : {1, 3}) {
            for (const std::int32_t unit : {20, 100, 100000}) {
                Factor factor = example.factor(unit, 2);
                for (int again = 0; again < 2; ++again) {
                    const std::vector<double> b = loads(example.n, k);
                    std::vector<double> x = b;
                    factor.solve(x.data(), k, keep, nullptr);
                    for (int column = 0; column < k; ++column) {
                        std::vector<double> one(example.n);
                        for (std::int32_t i = 0; i < example.n; ++i) one[i] = x[i * k + column];
                        const std::vector<double> y = example.times(one);
                        for (std::int32_t i = 0; i < example.n; ++i) {
                            ASSERT_NEAR(y[i], b[i * k + column], 1e-10);
                        }
                    }
                }
            }
        }
    }
}

TEST(Cholesky, WorkersAndDroppedColumnsChangeNoBit) {
    const Example example(12, 12, 2);
    std::vector<double> expected = loads(example.n, 2);
    example.factor(60, 1).solve(expected.data(), 2, true, nullptr);
    for (const int threads : {1, 3}) {
        for (const bool keep : {true, false}) {
            std::vector<double> x = loads(example.n, 2);
            example.factor(60, threads).solve(x.data(), 2, keep, nullptr);
            EXPECT_EQ(x, expected);
        }
    }
}

TEST(Cholesky, AnUnknownThatHangsOnNothingIsNamed) {
    Example example(6, 6, 3);
    std::fill(example.stencil.begin(), example.stencil.end(), 0.0);
    Factor factor = example.factor(1000, 1);
    std::vector<double> x = loads(example.n, 1);
    try {
        factor.solve(x.data(), 1, true, nullptr);
        FAIL() << "a zero matrix was factorised";
    } catch (const NotPositiveDefinite& error) {
        EXPECT_EQ(error.unknown, example.order[0]);
    }
}

TEST(Cholesky, StopsWhenAsked) {
    const Example example(14, 17, 1);
    for (const std::int32_t unit : {40, 100000}) {
        Factor factor = example.factor(unit, 1);
        const std::vector<double> b = loads(example.n, 1);
        std::vector<double> x = b;
        factor.solve(x.data(), 1, true, [] { return true; });
        EXPECT_EQ(x, b);
        EXPECT_THROW(
            factor.solve(x.data(), 1, true, []() -> bool { throw std::runtime_error("stop"); }),
            std::runtime_error);
        EXPECT_EQ(x, b);
        factor.solve(x.data(), 1, true, nullptr);  // and goes on as if nothing had happened
        const std::vector<double> y = example.times(x);
        for (std::int32_t i = 0; i < example.n; ++i) EXPECT_NEAR(y[i], b[i], 1e-10);
        int asked = 0;  // on the way back too
        std::vector<double> again = b;
        factor.solve(again.data(), 1, true, [&] { return ++asked > 3; });
        EXPECT_TRUE(again == b || again == x);
    }
}

}  // namespace
}  // namespace metafast::cholesky

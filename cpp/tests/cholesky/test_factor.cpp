// The multifrontal factor solves what it was given, kept or dropped, with any number of workers.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "cholesky/factor.hpp"
#include "tests/cholesky/example.hpp"
#include "tests/cholesky/plain_blas.hpp"

namespace metafast::cholesky {
namespace {

Factor factor_of(const Example& example, std::int32_t unit, int threads) {
    const Tree tree{example.start.data(), example.parent.data(),
                    static_cast<std::int32_t>(example.parent.size()), unit};
    return Factor(example.grid(), example.order.data(), example.n, tree, plain::blas(), threads);
}

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
                Factor factor = factor_of(example, unit, 2);
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
    factor_of(example, 60, 1).solve(expected.data(), 2, true, nullptr);
    for (const int threads : {1, 3}) {
        for (const bool keep : {true, false}) {
            std::vector<double> x = loads(example.n, 2);
            factor_of(example, 60, threads).solve(x.data(), 2, keep, nullptr);
            EXPECT_EQ(x, expected);
        }
    }
}

TEST(Cholesky, AnUnknownThatHangsOnNothingIsNamed) {
    Example example(6, 6, 3);
    std::fill(example.stencil.begin(), example.stencil.end(), 0.0);
    Factor factor = factor_of(example, 1000, 1);
    std::vector<double> x = loads(example.n, 1);
    try {
        factor.solve(x.data(), 1, true, nullptr);
        FAIL() << "a zero matrix was factorised";
    } catch (const NotPositiveDefinite& error) {
        EXPECT_EQ(error.unknown, example.order[0]);
    }
}

TEST(Cholesky, SolvesTangentsOfEitherSign) {
    for (const double shift : {9.0, 0.0}) {
        Example example = Example(14, 17, 6).with_tangents(shift, 1);
        for (const std::int32_t unit : {60, 100000}) {
            Factor factor = factor_of(example, unit, 2);
            for (unsigned seed = 1; seed <= 2; ++seed) {  // the second time with other numbers
                example.with_tangents(shift, seed);
                factor.refactor();
                const std::vector<double> b = loads(example.n, 1);
                std::vector<double> x = b;
                factor.solve(x.data(), 1, seed == 1, nullptr);
                const std::vector<double> y = example.times(x);
                for (std::int32_t i = 0; i < example.n; ++i) ASSERT_NEAR(y[i], b[i], 1e-6);
                EXPECT_EQ(factor.negative() > 0, shift == 0.0);
            }
        }
    }
}

TEST(Cholesky, CountsTheNegativePivots) {
    // one pixel that nothing holds: a diagonal tangent has its pivots for eigenvalues
    Example example(1, 1, 0);
    example.code = {8, 4, 2, 1};
    example.dof = {0, 1, 2, 3, 4, 5, 6, 7};
    example.n = 8;
    example.order = {3, 1, 0, 2, 7, 6, 5, 4};
    example.start = {0, 8};
    example.parent = {-1};
    example.with_tangents(0.0, 1);
    std::fill(example.tangent.begin(), example.tangent.end(), 0.0);
    for (int r = 0; r < 8; ++r) example.tangent[r * (r + 1) / 2 + r] = r < 3 ? -4.0 : 16.0;
    Factor factor = factor_of(example, 100, 1);
    std::vector<double> x(8, 8.0), absolute(8, 8.0);
    factor.solve(x.data(), 1, true, nullptr);
    factor.solve(absolute.data(), 1, true, nullptr, true);
    EXPECT_EQ(factor.negative(), 3);
    std::sort(x.begin(), x.end());
    EXPECT_EQ(x, (std::vector<double>{-2, -2, -2, 0.5, 0.5, 0.5, 0.5, 0.5}));
    std::sort(absolute.begin(), absolute.end());
    EXPECT_EQ(absolute, (std::vector<double>{0.5, 0.5, 0.5, 0.5, 0.5, 2, 2, 2}));
}

TEST(Cholesky, FactorisesWithoutColumnsAndFreesWhatItKept) {
    Example example(14, 17, 1);
    example.with_tangents(0.6, 2);
    for (const std::int32_t unit : {40, 100000}) {
        Factor factor = factor_of(example, unit, 2);
        std::vector<double> expected = loads(example.n, 1);
        factor.solve(expected.data(), 1, true, nullptr);
        const std::int32_t negative = factor.negative();
        for (const bool keep : {false, true}) {
            Factor other = factor_of(example, unit, 2);
            other.solve(nullptr, 0, keep, nullptr);
            EXPECT_EQ(other.negative(), negative);
            for (int again = 0; again < 2; ++again) {
                std::vector<double> x = loads(example.n, 1);
                other.solve(x.data(), 1, keep, nullptr);
                EXPECT_EQ(x, expected);
                other.release();
            }
        }
    }
}

TEST(Cholesky, StopsWhenAsked) {
    const Example example(14, 17, 1);
    for (const std::int32_t unit : {40, 100000}) {
        Factor factor = factor_of(example, unit, 1);
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

#include <gtest/gtest.h>

#include <array>
#include <chrono>

#include "mrf/search/solver.hpp"
#include "tests/mrf/random_grid.hpp"

using namespace metafast::mrf;
using namespace metafast::mrf::testing;

namespace {

void expect_certificate(const Grid& grid, const Options& options) {
    const Result result = solve(grid, options);
    const Optimum optimum = brute_force(grid);
    EXPECT_LE(result.lower_bound, optimum.upper);
    EXPECT_GE(result.energy, optimum.lower);
    if (std::isinf(optimum.upper)) return;
    EXPECT_EQ(result.energy, energy(grid, result.labelling).upper());
    if (result.optimal) {
        EXPECT_NEAR(result.energy, optimum.upper, 1e-12 * std::fabs(optimum.upper));
    }
}

}  // namespace

TEST(Solver, BoundsEncloseTheOptimumByDynamicProgramming) {
    unsigned seed = 0;
    for (const Kind kind : kAllKinds) {
        for (int trial = 0; trial < 8; ++trial) {
            for (const auto& [rows, cols, labels] :
                 {std::array{1, 5, 3}, {6, 1, 3}, {3, 3, 2}, {2, 4, 3}, {4, 3, 1}, {1, 1, 4}}) {
                const RandomGrid random(rows, cols, labels, kind, ++seed);
                expect_certificate(random.grid, Options{});
            }
        }
    }
}

TEST(Solver, BoundsEncloseTheOptimumByDecomposition) {
    Options options;
    options.exact_work = 0.0;
    options.max_iterations = 300;
    unsigned seed = 1000;
    for (const Kind kind : kAllKinds) {
        for (int trial = 0; trial < 8; ++trial) {
            for (const auto& [rows, cols, labels] :
                 {std::array{3, 3, 2}, {2, 4, 3}, {3, 4, 2}, {4, 3, 1}, {2, 2, 6}}) {
                const RandomGrid random(rows, cols, labels, kind, ++seed);
                expect_certificate(random.grid, options);
            }
        }
    }
}

TEST(Solver, ProvesWeaklyCoupledGridsOptimal) {
    Options options;
    options.exact_work = 0.0;
    RandomGrid random(12, 14, 6, Kind::uniform, 4);
    for (auto* table : {&random.horizontal, &random.vertical}) {
        for (double& cost : *table) cost *= 0.05;
    }
    const Result result = solve(random.grid, options);
    EXPECT_TRUE(result.optimal);
    EXPECT_NEAR(result.lower_bound, result.energy, 1e-11);
}

TEST(Solver, AgreesWithDynamicProgrammingOnWideGrids) {
    for (unsigned seed = 0; seed < 5; ++seed) {
        const RandomGrid random(4, 12, 4, Kind::uniform, seed);
        const Result exact = solve(random.grid, Options{});
        ASSERT_TRUE(exact.optimal);
        Options options;
        options.exact_work = 0.0;
        options.max_iterations = 1000;
        const Result bounded = solve(random.grid, options);
        EXPECT_LE(bounded.lower_bound, exact.energy);
        EXPECT_GE(bounded.energy, exact.lower_bound);
    }
}

TEST(Solver, ProvesInfeasibility) {
    RandomGrid random(5, 5, 2, Kind::uniform, 1);
    for (int i = 0; i < 4; ++i) random.vertical[i] = kInfinity;
    for (const double work : {0.0, 1e8}) {
        Options options;
        options.exact_work = work;
        EXPECT_EQ(solve(random.grid, options).lower_bound, kInfinity);
    }
}

TEST(Solver, SameResultForAnyNumberOfThreads) {
    const RandomGrid random(40, 37, 7, Kind::uniform, 9);
    Options options;
    options.max_iterations = 200;
    const Result one = solve(random.grid, options);
    for (const int threads : {2, 4}) {
        options.threads = threads;
        const Result many = solve(random.grid, options);
        EXPECT_EQ(one.labelling, many.labelling);
        EXPECT_EQ(one.energy, many.energy);
        EXPECT_EQ(one.lower_bound, many.lower_bound);
    }
}

namespace {

// Exact by dynamic programming, and by decomposition: what is proved must be true.
Result expect_true_claims(const Grid& grid) {
    Options options;
    options.exact_work = 1e12;
    const Result exact = solve(grid, options);
    EXPECT_TRUE(exact.optimal);
    options.exact_work = 0.0;
    options.max_iterations = 400;
    const Result result = solve(grid, options);
    EXPECT_LE(result.lower_bound, exact.energy);
    EXPECT_GE(result.energy, exact.lower_bound);
    if (result.optimal) {
        EXPECT_NEAR(result.energy, exact.energy, 1e-12 * std::fabs(exact.energy));
        EXPECT_LE(result.energy - result.lower_bound, 1e-9 * std::fabs(result.energy));
    }
    return result;
}

}  // namespace

TEST(Solver, LargeCostsNeverMakeAFalseProof) {
    for (unsigned seed = 0; seed < 6; ++seed) {
        for (const double large : {1e6, 1e12, 1e16, 1e200}) {
            for (const std::size_t every : {std::size_t{100000}, std::size_t{5}}) {
                RandomGrid random(6, 9, 4, Kind::uniform, seed);
                const Result plain = expect_true_claims(random.grid);
                random.unary[0] = large;
                random.horizontal[1] = large;
                for (std::size_t i = seed; i < random.unary.size(); i += every) {
                    random.unary[i] = large;
                    random.vertical[i] = large;
                }
                const Result result = expect_true_claims(random.grid);
                EXPECT_LT(result.energy, 1e3);
                // They leave the search as sharp as it is without them.
                if (every > 5) {
                    EXPECT_LT(result.energy - result.lower_bound,
                              2.0 * (plain.energy - plain.lower_bound) + 0.02 * plain.energy);
                }
            }
        }
    }
}

TEST(Solver, LargeCostsThatMustBePaidAreNoFalseProofEither) {
    for (unsigned seed = 0; seed < 6; ++seed) {
        RandomGrid random(6, 9, 4, Kind::uniform, seed);
        for (int i = 0; i < 16; ++i) random.horizontal[i + 16 * seed] = 1e6 + random.horizontal[i];
        for (int k = 0; k < 4; ++k) random.unary[40 + k] += 1e6;
        expect_true_claims(random.grid);
    }
}

TEST(Solver, KeepsItsTimeLimitWithManyLabels) {
    const RandomGrid random(8, 8, 100, Kind::uniform, 1);
    Options options;
    options.time_limit = 0.3;
    options.max_iterations = 1000000;
    options.threads = 2;
    const auto start = std::chrono::steady_clock::now();
    const Result result = solve(random.grid, options);
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    EXPECT_LT(elapsed.count(), 3.0);
    EXPECT_LE(result.lower_bound, result.energy);
}

TEST(Solver, SearchesStripsOfOneLineWhenLabelsAreTooManyForMore) {
    const RandomGrid random(2, 3, 1300, Kind::uniform, 1);
    Options options;
    options.exact_work = 0.0;
    options.max_iterations = 3;
    const Result result = solve(random.grid, options);
    EXPECT_LE(result.lower_bound, result.energy);
    EXPECT_LT(result.energy, 1.0);
}

TEST(Solver, StopsWhenAskedAndKeepsItsBounds) {
    const RandomGrid random(40, 40, 8, Kind::uniform, 2);
    Options options;
    int polls = 0;
    options.should_stop = [&] { return ++polls > 40; };
    const Result result = solve(random.grid, options);
    EXPECT_LE(result.lower_bound, result.energy);
    EXPECT_LT(result.iterations, 100);
    options.should_stop = nullptr;
    options.gap = 0.5;
    EXPECT_LT(solve(random.grid, options).iterations, 500);
}

TEST(Solver, StartsFromTheLabellingGiven) {
    RandomGrid random(20, 20, 5, Kind::uniform, 3);
    Options options;
    options.max_iterations = 500;
    const Result first = solve(random.grid, options);
    options.initial = first.labelling;
    options.max_iterations = 0;
    EXPECT_LE(solve(random.grid, options).energy, first.energy);
}

// Strips leave such a grid unproved by a few parts in a million; its 2^20 states a row are swept in
// less time than they take.
TEST(Solver, ProvesASpinGlassOfTwentyByTwenty) {
    RandomGrid random(20, 20, 2, Kind::uniform, 3);
    std::fill(random.unary.begin(), random.unary.end(), 0.0);
    for (auto* table : {&random.horizontal, &random.vertical}) {
        for (std::size_t i = 0; i < table->size(); i += 4) {
            const double bond = (*table)[i] < 0.5 ? 1.0 : -1.0;
            for (int k = 0; k < 4; ++k) (*table)[i + k] = k == 0 || k == 3 ? bond : -bond;
        }
    }
    const Result result = solve(random.grid, Options{});
    EXPECT_TRUE(result.optimal);
    EXPECT_EQ(result.energy, result.lower_bound);
}

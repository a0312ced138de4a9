#include <gtest/gtest.h>

#include <stdexcept>

#include "mrf/search/search.hpp"
#include "tests/mrf/random_grid.hpp"

using namespace metafast::mrf;
using namespace metafast::mrf::testing;

namespace {

Result search(const Grid& grid, const Options& options) {
    Result result;
    Incumbent incumbent(grid, options.gap, result);
    Search(grid, options, result, incumbent).run();
    return result;
}

}  // namespace

TEST(Search, EnclosesTheOptimumHoweverFewPassesItHas) {
    unsigned seed = 0;
    for (const Kind kind : kAllKinds) {
        const RandomGrid random(3, 4, 2, kind, ++seed);
        const Optimum optimum = brute_force(random.grid);
        for (const int passes : {0, 1, 25, 100, 400}) {
            Options options;
            options.max_iterations = passes;
            const Result result = search(random.grid, options);
            EXPECT_LE(result.lower_bound, optimum.upper);
            EXPECT_GE(result.energy, optimum.lower);
            EXPECT_LE(result.iterations, passes);
            EXPECT_EQ(result.labelling.size(), random.grid.nodes());
        }
    }
}

TEST(Search, ProvesTheOptimumOfAFrustratedSquare) {
    const FrustratedGrid random;
    const Result result = search(random.grid, {});
    EXPECT_TRUE(result.optimal);
    EXPECT_EQ(result.energy, 1.0);
}

TEST(Search, RecordsBoundsThatRiseAndEnergiesThatFall) {
    const RandomGrid random(25, 30, 6, Kind::uniform, 3);
    Options options;
    options.max_iterations = 300;
    std::vector<double> reported;
    options.report = [&](const Record& record) { reported.push_back(record.iteration); };
    const Result result = search(random.grid, options);
    ASSERT_GE(result.history.size(), 2u);
    ASSERT_EQ(reported.size(), result.history.size());
    for (std::size_t i = 0; i < result.history.size(); ++i) {
        const Record& record = result.history[i];
        EXPECT_EQ(record.iteration, reported[i]);
        EXPECT_LE(record.bound, record.energy);
        if (i == 0) continue;
        EXPECT_GE(record.iteration, result.history[i - 1].iteration);
        EXPECT_GE(record.time, result.history[i - 1].time);
        EXPECT_GE(record.bound, result.history[i - 1].bound);
        EXPECT_LE(record.energy, result.history[i - 1].energy);
    }
    EXPECT_EQ(result.history.back().energy, result.energy);
    EXPECT_EQ(result.history.back().bound, result.lower_bound);
}

TEST(Search, MorePassesAreNeverWorse) {
    const SmoothGrid smooth(24, 30, 8, 3);
    const RandomGrid random(20, 20, 5, Kind::uniform, 3);
    for (const Grid* grid : {&smooth.grid, &random.grid}) {
        double energy = kInfinity, bound = -kInfinity;
        for (const int passes : {0, 1, 2, 3, 4, 5, 6, 8, 11, 16, 23, 32, 45, 64, 90, 128}) {
            Options options;
            options.max_iterations = passes;
            const Result result = search(*grid, options);
            EXPECT_LE(result.energy, energy) << passes;
            EXPECT_GE(result.lower_bound, bound - 1e-6 * std::fabs(bound)) << passes;
            energy = result.energy;
            bound = result.lower_bound;
        }
    }
}

TEST(Search, LaterStopsAreNeverWorse) {
    const SmoothGrid smooth(24, 30, 8, 4);
    double energy = kInfinity;
    for (int polls = 1; polls < 4000; polls = polls + polls / 3 + 1) {
        Options options;
        int asked = 0;
        options.should_stop = [&] { return ++asked >= polls; };
        const Result result = search(smooth.grid, options);
        EXPECT_LE(result.energy, energy) << polls;
        energy = result.energy;
    }
}

TEST(Search, StopsAtTheGapThatIsWanted) {
    const RandomGrid random(20, 20, 5, Kind::uniform, 4);
    Options options;
    options.gap = 0.1;
    const Result result = search(random.grid, options);
    EXPECT_LE(result.energy - result.lower_bound, 0.1 * std::fabs(result.energy));
    Options close;
    close.gap = 0.01;
    EXPECT_LE(result.iterations, search(random.grid, close).iterations);
}

TEST(Search, SameBitsForAnyNumberOfThreads) {
    for (const unsigned seed : {1u, 2u}) {
        const RandomGrid random(23, 31, 4, seed == 1 ? Kind::uniform : Kind::forbidden, seed);
        Options options;
        options.max_iterations = 200;
        const Result one = search(random.grid, options);
        for (const int threads : {2, 3}) {
            options.threads = threads;
            const Result many = search(random.grid, options);
            EXPECT_EQ(one.labelling, many.labelling);
            EXPECT_EQ(one.energy, many.energy);
            EXPECT_EQ(one.lower_bound, many.lower_bound);
            EXPECT_EQ(one.iterations, many.iterations);
            ASSERT_EQ(one.history.size(), many.history.size());
            for (std::size_t i = 0; i < one.history.size(); ++i) {
                EXPECT_EQ(one.history[i].bound, many.history[i].bound);
                EXPECT_EQ(one.history[i].energy, many.history[i].energy);
            }
        }
    }
}

TEST(Search, KeepsWhatItHasWhereverItIsStopped) {
    const RandomGrid random(10, 12, 4, Kind::uniform, 5);
    const Result whole = search(random.grid, {});
    for (int polls = 1; polls < 3000; polls = 2 * polls + 1) {
        Options options;
        int asked = 0;
        options.should_stop = [&] { return ++asked >= polls; };
        const Result result = search(random.grid, options);
        EXPECT_LE(result.lower_bound, whole.energy);
        EXPECT_GE(result.energy, whole.lower_bound);
        EXPECT_EQ(result.energy, energy(random.grid, result.labelling).upper());
        Options thrown;
        int left = polls;
        thrown.should_stop = [&]() -> bool {
            if (--left <= 0) throw std::runtime_error("interrupted");
            return false;
        };
        if (asked >= polls) {
            EXPECT_THROW(search(random.grid, thrown), std::runtime_error);
        }
    }
}

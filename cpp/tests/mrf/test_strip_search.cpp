#include <gtest/gtest.h>

#include <stdexcept>

#include "mrf/model/cost_range.hpp"
#include "mrf/primal/strip_search.hpp"
#include "tests/mrf/random_grid.hpp"

using namespace metafast::mrf;
using namespace metafast::mrf::testing;

namespace {

// Rows first, first+1 over all their labellings, the rest as in x.
double best_strip(const Grid& grid, Labelling x, int first) {
    double best = kInfinity;
    const std::size_t begin = static_cast<std::size_t>(first) * grid.cols;
    const std::size_t end = begin + 2 * grid.cols;
    for (std::size_t i = begin; i < end; ++i) x[i] = 0;
    for (;;) {
        best = std::min(best, energy(grid, x).value());
        std::size_t i = begin;
        while (i < end && ++x[i] == grid.labels) x[i++] = 0;
        if (i == end) return best;
    }
}

}  // namespace

TEST(StripSearch, NoStripCanImproveTheResult) {
    for (unsigned seed = 0; seed < 20; ++seed) {
        const RandomGrid random(5, 4, 2, seed % 2 ? Kind::uniform : Kind::ties, seed);
        metafast::ThreadPool pool(2);
        const LabelSets sets(random.grid);
        StripSearch search(Field{random.grid, sets}, 2, pool);
        Labelling x = random_labelling(random.grid, seed);
        const double before = energy(random.grid, x).value();
        search.improve(x, nullptr);
        const double after = energy(random.grid, x).value();
        EXPECT_LE(after, before + 1e-12);
        for (int first = 0; first < 4; ++first) {
            EXPECT_NEAR(after, std::min(after, best_strip(random.grid, x, first)), 1e-12);
        }
    }
}

TEST(StripSearch, AsWideAsTheGridIsExact) {
    for (unsigned seed = 0; seed < 20; ++seed) {
        const RandomGrid random(3, 3, 3, Kind::uniform, seed);
        metafast::ThreadPool pool(1);
        const LabelSets sets(random.grid);
        StripSearch search(Field{random.grid, sets}, 3, pool);
        Labelling x = random_labelling(random.grid, seed);
        search.improve(x, nullptr);
        EXPECT_NEAR(energy(random.grid, x).value(), brute_force(random.grid).upper, 1e-12);
    }
}

TEST(StripSearch, LeaveForbiddenLabelsWhereTheyCan) {
    const RandomGrid random(6, 6, 4, Kind::forbidden, 3);
    metafast::ThreadPool pool(1);
    const LabelSets sets(random.grid);
    Field finite{random.grid, sets};
    finite.penalty = penalty(finite);
    StripSearch search(finite, 2, pool);
    Labelling x(random.grid.nodes());
    for (std::size_t node = 0; node < x.size(); ++node) x[node] = sets.open(node)[0];
    search.improve(x, nullptr);
    EXPECT_TRUE(std::isfinite(energy(random.grid, x).value()));
}

TEST(StripSearch, StopInsideAStripAndKeepTheLabelling) {
    const RandomGrid random(3, 40, 10, Kind::uniform, 6);
    for (const int threads : {1, 3}) {
        metafast::ThreadPool pool(threads);
        const LabelSets sets(random.grid);
        StripSearch search(Field{random.grid, sets}, 3, pool);
        const Labelling before = random_labelling(random.grid, 6);
        Labelling x = before;
        int polls = 0;
        search.improve(x, [&] { return ++polls > 6; });  // a strip of rows polls more often
        // only the calling thread polls; others may have ended a strip by then, or do most of all
        if (threads == 1) {
            EXPECT_EQ(x, before);
        } else {
            EXPECT_LE(energy(random.grid, x).value(), energy(random.grid, before).value());
        }
        const int looks = threads == 1 ? 33 : 3;  // each of the first four turns begins with one
        polls = 0;
        const auto interrupt = [&]() -> bool {
            if (++polls > looks) throw std::runtime_error("interrupted");
            return false;
        };
        EXPECT_THROW(search.improve(x, interrupt), std::runtime_error);
    }
}

TEST(StripSearch, SameResultForAnyNumberOfThreads) {
    const RandomGrid random(23, 19, 5, Kind::uniform, 5);
    std::vector<Labelling> results;
    for (const int threads : {1, 2, 4}) {
        metafast::ThreadPool pool(threads);
        const LabelSets sets(random.grid);
        StripSearch search(Field{random.grid, sets}, 2, pool);
        results.push_back(random_labelling(random.grid, 5));
        search.improve(results.back(), nullptr);
    }
    EXPECT_EQ(results[0], results[1]);
    EXPECT_EQ(results[0], results[2]);
}

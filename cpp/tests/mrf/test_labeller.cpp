#include <gtest/gtest.h>

#include "mrf/dual/chain_ascent.hpp"
#include "mrf/model/cost_range.hpp"
#include "mrf/primal/greedy.hpp"
#include "mrf/search/labeller.hpp"
#include "tests/mrf/random_grid.hpp"

using namespace metafast::mrf;
using namespace metafast::mrf::testing;

namespace {

// What a labeller needs around it.
struct Bench {
    const Grid& grid;
    Options options;
    Result result;
    Incumbent incumbent{grid, 0.0, result};
    metafast::ThreadPool pool;
    Budget budget{options};
    std::shared_ptr<const LabelSets> sets = std::make_shared<const LabelSets>(grid);
    Labeller labeller{grid, sets, pool, incumbent, budget};

    explicit Bench(const Grid& g, int threads = 1) : grid(g), pool(threads) {}
};

}  // namespace

TEST(Labeller, StartsAsWellAsGreedyAndTheLabellingGiven) {
    for (unsigned seed = 0; seed < 6; ++seed) {
        const RandomGrid random(9, 8, 4, Kind::uniform, seed);
        Bench one(random.grid), two(random.grid);
        const Labelling initial = random_labelling(random.grid, seed);
        one.labeller.start({});
        EXPECT_EQ(one.result.labelling, greedy(Field{random.grid, *one.sets}));
        EXPECT_FALSE(one.labeller.has_improved());
        two.labeller.start(initial);
        EXPECT_LE(two.result.energy, one.result.energy);
        EXPECT_LE(two.result.energy, energy(random.grid, initial).upper());
        EXPECT_TRUE(two.labeller.has_improved());
    }
}

TEST(Labeller, StartsFromClosedLabelsToo) {
    RandomGrid random(5, 5, 3, Kind::uniform, 4);
    for (std::size_t node = 0; node < 25; ++node) random.unary[node * 3 + 1] = kInfinity;
    Bench bench(random.grid);
    bench.labeller.start(Labelling(25, 1));  // forbidden throughout
    EXPECT_TRUE(std::isfinite(bench.result.energy));
}

TEST(Labeller, FindsTheOptimumOfGridsNoWiderThanItsStrips) {
    for (unsigned seed = 0; seed < 8; ++seed) {
        const RandomGrid random(3, 4, 2, Kind::uniform, seed);
        Bench bench(random.grid);
        const Field field{random.grid, *bench.sets};
        ChainAscent ascent(field, measure(field), bench.pool);
        bench.labeller.improve(ascent, 1e9);
        EXPECT_NEAR(bench.result.energy, brute_force(random.grid).upper, 1e-12);
    }
}

TEST(Labeller, TakesNoMoreThanItsShareOfTheTime) {
    const RandomGrid random(40, 40, 12, Kind::uniform, 1);
    Bench bench(random.grid);
    const Field field{random.grid, *bench.sets};
    ChainAscent ascent(field, measure(field), bench.pool);
    // Without passes there is the credit only: after some sweeps nothing is improved any more.
    for (int i = 0; i < 200; ++i) bench.labeller.improve(ascent, 0.0);
    bench.incumbent.offer(ascent.labelling(false));
    const double before = bench.result.energy;
    for (int pass = 0; pass < 60; ++pass) ascent.iterate(before);
    bench.labeller.improve(ascent, 0.0);
    EXPECT_EQ(bench.result.energy, before);
    bench.labeller.improve(ascent, 1e12);
    EXPECT_LT(bench.result.energy, before);
}

TEST(Labeller, KeepsToTheLabelsThatAreOpen) {
    const RandomGrid random(6, 7, 5, Kind::uniform, 3);
    Bench bench(random.grid);
    const auto fewer = std::make_shared<const LabelSets>(some_labels(random.grid, 3, 0.5));
    bench.labeller.open(fewer);
    bench.labeller.start({});
    bench.labeller.improve_now(bench.result.labelling);
    for (std::size_t node = 0; node < fewer->nodes(); ++node) {
        EXPECT_TRUE(fewer->find(node, bench.result.labelling[node]));
    }
}

TEST(Labeller, SameLabellingForAnyNumberOfThreads) {
    const RandomGrid random(31, 27, 5, Kind::uniform, 6);
    std::vector<Labelling> labellings;
    for (const int threads : {1, 2, 4}) {
        Bench bench(random.grid, threads);
        bench.labeller.start(random_labelling(random.grid, 1));
        labellings.push_back(bench.result.labelling);
    }
    EXPECT_EQ(labellings, std::vector<Labelling>(3, labellings[0]));
}

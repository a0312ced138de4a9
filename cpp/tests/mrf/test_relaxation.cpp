#include <gtest/gtest.h>

#include "mrf/search/relaxation.hpp"
#include "tests/mrf/random_grid.hpp"

using namespace metafast::mrf;
using namespace metafast::mrf::testing;

namespace {

// What a relaxation needs around it.
struct Bench {
    Options options;
    Result result;
    Incumbent incumbent;
    metafast::ThreadPool pool{1};
    Budget budget{options};
    Relaxation relaxation;

    explicit Bench(const Grid& grid, double gap = 0.0)
        : incumbent(grid, gap, result), relaxation(grid, pool, incumbent, budget) {}

    void iterate(int passes) {
        for (int i = 0; i < passes && !relaxation.agreed(); ++i) relaxation.iterate();
    }
};

// The labelling with so many better ones.
Labelling labelling_of_rank(const Grid& grid, std::size_t rank) {
    std::vector<std::pair<double, Labelling>> all;
    for_each_labelling(LabelSets(grid), [&](const Labelling& x) {
        all.emplace_back(energy(grid, x).value(), x);
    });
    std::nth_element(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(rank), all.end());
    return all[rank].second;
}

Labelling best_labelling(const Grid& grid) { return labelling_of_rank(grid, 0); }

}  // namespace

TEST(Relaxation, CertifiesNoMoreThanTheOptimumThroughAllItsStages) {
    unsigned seed = 0;
    for (const Kind kind : {Kind::uniform, Kind::ties, Kind::negative, Kind::offset}) {
        const RandomGrid random(3, 4, 3, kind, ++seed);
        const Optimum optimum = brute_force(random.grid);
        Bench bench(random.grid);
        EXPECT_LE(bench.incumbent.bound(), optimum.upper);  // from the least entries alone
        bench.relaxation.start_messages();
        bench.iterate(50);
        bench.relaxation.certify({});
        const double chains = bench.incumbent.bound();
        EXPECT_LE(chains, optimum.upper);
        bench.relaxation.start_strips();
        bench.iterate(200);
        bench.relaxation.certify({});
        EXPECT_GE(bench.incumbent.bound(), chains);
        EXPECT_LE(bench.incumbent.bound(), optimum.upper);
    }
}

TEST(Relaxation, StripsCloseTheGapOfAFrustratedSquare) {
    const FrustratedGrid random;
    Bench bench(random.grid);
    bench.incumbent.offer(best_labelling(random.grid));
    EXPECT_EQ(bench.incumbent.energy(), 1.0);
    bench.relaxation.start_messages();
    bench.iterate(500);
    bench.relaxation.certify({});
    EXPECT_LT(bench.incumbent.bound(), 0.5);
    ASSERT_TRUE(bench.relaxation.strips_fit());
    bench.relaxation.start_strips();
    EXPECT_GE(bench.relaxation.ascent().width(), 2);
    bench.iterate(300);
    bench.relaxation.certify({});
    EXPECT_NEAR(bench.incumbent.bound(), 1.0, 1e-3);
}

TEST(Relaxation, NeverDropsALabelOfABetterLabelling) {
    unsigned dropped = 0;
    for (unsigned seed = 0; seed < 40; ++seed) {
        RandomGrid random(3, 3, 3, seed % 2 ? Kind::uniform : Kind::negative, seed);
        for (auto* table : {&random.horizontal, &random.vertical}) {
            for (double& cost : *table) cost *= 0.5;
        }
        // The best labelling known need not be the best: what is better must survive.
        Bench bench(random.grid);
        bench.incumbent.offer(labelling_of_rank(random.grid, seed % 8));
        const double known = bench.incumbent.energy();
        bench.relaxation.start_messages();
        bench.iterate(100);
        const Certificate certificate = bench.relaxation.certify({true, nullptr});
        const auto fewer = bench.relaxation.prune(certificate);
        if (bench.incumbent.closed()) {  // what was left was solved outright
            EXPECT_NEAR(bench.incumbent.energy(), brute_force(random.grid).upper, 1e-12);
            ++dropped;
            continue;
        }
        if (!fewer) continue;
        ++dropped;
        for_each_labelling(LabelSets(random.grid), [&](const Labelling& x) {
            if (!(energy(random.grid, x).upper() < known)) return;
            for (std::size_t node = 0; node < x.size(); ++node) {
                EXPECT_TRUE(fewer->find(node, x[node]));
            }
        });
        bench.relaxation.open(fewer);
        EXPECT_EQ(bench.relaxation.sets(), fewer);
        bench.iterate(100);
        bench.relaxation.certify({});
        EXPECT_LE(bench.incumbent.bound(), brute_force(random.grid).upper);
    }
    EXPECT_GE(dropped, 10u);
}

TEST(Relaxation, OpeningFewerLabelsLosesNothingOfTheBound) {
    for (unsigned seed = 0; seed < 6; ++seed) {
        const RandomGrid random(6, 7, 4, Kind::uniform, seed);
        const auto fewer = std::make_shared<const LabelSets>(some_labels(random.grid, seed, 0.7));
        for (const bool strips : {false, true}) {
            Bench bench(random.grid);
            bench.relaxation.start_messages();
            bench.iterate(40);
            if (strips) {
                bench.relaxation.start_strips();
                bench.iterate(40);
            }
            const double before = bench.relaxation.certify({}).bound.value();
            const int width = bench.relaxation.ascent().width();
            bench.relaxation.open(fewer);
            EXPECT_EQ(bench.relaxation.ascent().width(), width);
            EXPECT_GE(bench.relaxation.certify({}).bound.value(), before - 1e-5);
        }
    }
}

TEST(Relaxation, CutsCostsThatNobodyPaysAndKeepsTheOptimum) {
    RandomGrid random(3, 4, 3, Kind::uniform, 5);
    for (std::size_t i = 0; i < random.unary.size(); i += 7) random.unary[i] = 1e16;
    const Optimum optimum = brute_force(random.grid);
    Bench bench(random.grid);
    EXPECT_FALSE(bench.relaxation.cut_costs());  // no energy is known
    bench.incumbent.offer(best_labelling(random.grid));
    EXPECT_TRUE(bench.relaxation.cut_costs());
    EXPECT_FALSE(bench.relaxation.cut_costs());  // once is enough
    bench.relaxation.start_messages();
    bench.iterate(300);
    bench.relaxation.certify({});
    EXPECT_LE(bench.incumbent.bound(), optimum.upper);
    EXPECT_GT(bench.incumbent.bound(), 0.8 * optimum.upper);  // as sharp as without them
}

TEST(Relaxation, PromisesACertificateOnlyWhereAGapIsWanted) {
    const RandomGrid random(6, 6, 3, Kind::uniform, 8);
    Bench none(random.grid), half(random.grid, 0.5);
    for (Bench* bench : {&none, &half}) {
        bench->incumbent.offer(random_labelling(random.grid, 1));
        bench->relaxation.start_messages();
        bench->iterate(30);
        EXPECT_EQ(bench->relaxation.promising(), bench == &half && !half.incumbent.proved() &&
                                                     bench->relaxation.ascent().saved() >=
                                                         0.5 * bench->incumbent.energy());
    }
}

TEST(Relaxation, CountsItsPassesAndTheirWork) {
    const RandomGrid random(8, 8, 4, Kind::uniform, 8);
    Bench bench(random.grid);
    bench.relaxation.start_messages();
    const double pass = bench.relaxation.ascent().work();
    for (int i = 1; i <= 5; ++i) {
        bench.relaxation.iterate();
        EXPECT_EQ(bench.budget.passes(), i);
        EXPECT_DOUBLE_EQ(bench.relaxation.work(), i * pass);
    }
}

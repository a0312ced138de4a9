#include <gtest/gtest.h>

#include "mrf/restriction.hpp"
#include "random_grid.hpp"

using namespace metafast::mrf;
using namespace metafast::mrf::testing;

TEST(Restriction, PenalisedKeepsFiniteGridsAsTheyAre) {
    const RandomGrid random(3, 3, 2, Kind::uniform, 3);
    std::vector<double> storage;
    EXPECT_EQ(penalised(random.grid, storage).unary, random.grid.unary);
    EXPECT_TRUE(storage.empty());
}

TEST(Restriction, PenalisedPrefersAnyFeasibleLabelling) {
    for (unsigned seed = 0; seed < 20; ++seed) {
        const RandomGrid random(3, 3, 3, Kind::forbidden, seed);
        const Optimum optimum = brute_force(random.grid);
        if (std::isinf(optimum.upper)) continue;
        std::vector<double> storage;
        EXPECT_NEAR(brute_force(penalised(random.grid, storage)).upper, optimum.upper, 1e-12);
    }
}

TEST(Restriction, MeasureBoundsEveryEnergy) {
    unsigned seed = 50;
    for (const Kind kind : kAllKinds) {
        const RandomGrid random(3, 2, 3, kind, ++seed);
        EXPECT_LE(measure(random.grid).base.lower(), brute_force(random.grid).upper);
    }
}

// Every labelling as good as the one that made the excess affordable survives, with its energy.
TEST(Restriction, KeepsAllLabellingsAsGoodAsTheOneKnown) {
    unsigned seed = 100;
    for (const Kind kind : kAllKinds) {
        for (int trial = 0; trial < 6; ++trial) {
            RandomGrid random(3, 3, 2, kind, ++seed);
            for (std::size_t i = seed % 3; i < random.unary.size(); i += 5) random.unary[i] += 1e12;
            const double known = energy(random.grid, Labelling(9, trial % 2)).upper();
            if (std::isinf(known)) continue;
            std::vector<double> storage;
            const double excess = affordable(measure(random.grid), known);
            const Grid grid = restricted(random.grid, excess, storage);
            Labelling x(9);
            for (int code = 0; code < 512; ++code) {
                for (int node = 0; node < 9; ++node) x[node] = static_cast<Label>(code >> node & 1);
                const double before = energy(random.grid, x).upper();
                const double after = energy(grid, x).upper();
                if (before <= known) {
                    EXPECT_EQ(before, after);
                }
                EXPECT_GE(after, before);
            }
        }
    }
}

TEST(Restriction, GreedyIsBestWithoutEdges) {
    RandomGrid random(4, 5, 3, Kind::uniform, 2);
    for (double& cost : random.horizontal) cost = 0.0;
    for (double& cost : random.vertical) cost = 0.0;
    EXPECT_NEAR(energy(random.grid, greedy(random.grid)).value(),
                measure(random.grid).base.value(), 1e-12);
}

TEST(Restriction, GreedyMinimisesEachNodeGivenThoseBefore) {
    const RandomGrid random(3, 4, 3, Kind::negative, 8);
    const Labelling x = greedy(random.grid);
    const Lines lines{random.grid, false};
    for (int r = 0; r < 3; ++r) {
        for (int c = 0; c < 4; ++c) {
            auto cost = [&](std::size_t b) {
                double sum = lines.unary(r, c)[b];
                if (c > 0) sum += lines.along(r, c - 1)[x[lines.node(r, c - 1)] * 3 + b];
                if (r > 0) sum += lines.across(r - 1, c)[x[lines.node(r - 1, c)] * 3 + b];
                return sum;
            };
            for (std::size_t b = 0; b < 3; ++b) EXPECT_LE(cost(x[lines.node(r, c)]), cost(b));
        }
    }
}

#include <gtest/gtest.h>

#include "mrf/model/cost_range.hpp"
#include "mrf/primal/greedy.hpp"
#include "tests/mrf/random_grid.hpp"

using namespace metafast::mrf;
using namespace metafast::mrf::testing;

TEST(Greedy, IsBestWithoutEdges) {
    RandomGrid random(4, 5, 3, Kind::uniform, 2);
    for (double& cost : random.horizontal) cost = 0.0;
    for (double& cost : random.vertical) cost = 0.0;
    const LabelSets sets(random.grid);
    const Field field{random.grid, sets};
    EXPECT_NEAR(energy(random.grid, greedy(field)).value(), measure(field).base.value(), 1e-12);
}

TEST(Greedy, MinimisesEachNodeGivenThoseBefore) {
    const RandomGrid random(3, 4, 3, Kind::negative, 8);
    const LabelSets sets(random.grid);
    const Lines lines{Field{random.grid, sets}, false};
    const Labelling x = greedy(lines.field);
    for (int r = 0; r < 3; ++r) {
        for (int c = 0; c < 4; ++c) {
            auto cost = [&](std::size_t b) {
                double sum = lines.unary(r, c, nullptr)[b];
                if (c > 0) sum += lines.along(r, c - 1, nullptr)[x[lines.node(r, c - 1)] * 3 + b];
                if (r > 0) sum += lines.across(r - 1, c, nullptr)[x[lines.node(r - 1, c)] * 3 + b];
                return sum;
            };
            for (std::size_t b = 0; b < 3; ++b) EXPECT_LE(cost(x[lines.node(r, c)]), cost(b));
        }
    }
}

TEST(Greedy, UsesOpenLabelsOnly) {
    for (unsigned seed = 0; seed < 5; ++seed) {
        const RandomGrid random(5, 4, 4, Kind::uniform, seed);
        const LabelSets sets = some_labels(random.grid, seed, 0.4);
        const Labelling x = greedy(Field{random.grid, sets});
        for (std::size_t node = 0; node < x.size(); ++node) EXPECT_TRUE(sets.find(node, x[node]));
    }
}

#include <gtest/gtest.h>

#include "mrf/primal/elimination.hpp"
#include "mrf/strips/frontier.hpp"
#include "mrf/search/solver.hpp"
#include "tests/mrf/random_grid.hpp"

using namespace metafast::mrf;
using namespace metafast::mrf::testing;

TEST(Elimination, AgainstBruteForce) {
    unsigned seed = 0;
    for (const Kind kind : kAllKinds) {
        for (int trial = 0; trial < 6; ++trial) {
            for (const auto& [rows, cols, labels] :
                 {std::array{1, 1, 3}, {1, 6, 3}, {6, 1, 3}, {3, 3, 2}, {2, 4, 3}, {4, 3, 1}}) {
                const RandomGrid random(rows, cols, labels, kind, ++seed);
                for (const double share : {0.0, 0.5, 1.0}) {
                    const LabelSets sets = some_labels(random.grid, seed, share);
                    const auto found = eliminate(Field{random.grid, sets}, 1e6);
                    ASSERT_TRUE(found);
                    const Optimum optimum = brute_force(random.grid, sets);
                    EXPECT_LE(found->bound.lower(), optimum.upper);
                    if (std::isinf(optimum.upper)) {
                        EXPECT_EQ(found->bound.lower(), kInfinity);
                        continue;
                    }
                    const double scale = std::max(std::fabs(optimum.upper), 1e-300);
                    EXPECT_NEAR(found->bound.lower(), optimum.upper, 1e-12 * scale);
                    EXPECT_NEAR(energy(random.grid, found->labelling).value(), optimum.upper,
                                1e-12 * scale);
                }
            }
        }
    }
}

TEST(Elimination, AgreesWithDynamicProgrammingOnLargerGrids) {
    for (unsigned seed = 0; seed < 5; ++seed) {
        const RandomGrid random(7, 12, 3, Kind::uniform, seed);
        const Result exact = solve(random.grid, Options{});
        ASSERT_TRUE(exact.optimal);
        const LabelSets all(random.grid);
        const auto found = eliminate(Field{random.grid, all}, 1e8);
        ASSERT_TRUE(found);
        EXPECT_NEAR(found->bound.lower(), exact.energy, 1e-11);
        EXPECT_NEAR(energy(random.grid, found->labelling).value(), exact.energy, 1e-11);
    }
}

TEST(Elimination, StopsWhenAsked) {
    const RandomGrid random(9, 9, 4, Kind::uniform, 1);
    const LabelSets all(random.grid);
    const Field field{random.grid, all};
    int polls = 0;
    EXPECT_FALSE(eliminate(field, 1e9, [&] { return ++polls > 2; }));
    EXPECT_EQ(polls, 3);
}

TEST(Elimination, LeavesOutWhatCannotBePaid) {
    const RandomGrid random(4, 4, 2, Kind::uniform, 5);
    const LabelSets all(random.grid);
    const auto found = eliminate(Field{random.grid, all, 0.9}, 1e6);
    ASSERT_TRUE(found);
    EXPECT_GE(found->bound.lower(), brute_force(random.grid).lower - 1e-12);
}

TEST(Elimination, DeclinesWhatIsTooLarge) {
    const RandomGrid random(20, 20, 4, Kind::uniform, 1);
    const LabelSets all(random.grid);
    EXPECT_FALSE(eliminate(Field{random.grid, all}, 1e6));
}

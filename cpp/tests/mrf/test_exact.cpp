#include <gtest/gtest.h>

#include "mrf/model/label_sets.hpp"
#include "mrf/search/exact.hpp"
#include "tests/mrf/random_grid.hpp"

using namespace metafast::mrf;
using namespace metafast::mrf::testing;

namespace {

struct Solved {
    Result result;
    bool finished;
};

Solved solved(const Grid& grid, double floor, const std::function<bool()>& stop = nullptr) {
    Solved all;
    Incumbent incumbent(grid, 0.0, all.result);
    const LabelSets sets(grid);
    const Lines lines{Field{grid, sets}, grid.cols < grid.rows};
    all.finished = solve_exactly(lines, incumbent, stop, floor);
    return all;
}

}  // namespace

TEST(Exact, AgreesWithBruteForce) {
    unsigned seed = 0;
    for (const Kind kind : kAllKinds) {
        for (const auto& [rows, cols] : {std::pair{1, 6}, {6, 1}, {3, 4}, {4, 3}}) {
            const RandomGrid random(rows, cols, 2, kind, ++seed);
            const Optimum optimum = brute_force(random.grid);
            const Result result = solved(random.grid, kInfinity).result;
            EXPECT_LE(result.lower_bound, optimum.upper);
            EXPECT_GE(result.energy, optimum.lower);
            EXPECT_EQ(result.optimal, std::isfinite(optimum.upper));
        }
    }
}

TEST(Exact, BoundIsNoGreaterThanTheFloorOfWhatIsNotLookedAt) {
    const RandomGrid random(3, 3, 2, Kind::uniform, 5);
    const double optimum = solved(random.grid, kInfinity).result.energy;
    const Result floored = solved(random.grid, optimum - 1.0).result;
    EXPECT_EQ(floored.lower_bound, optimum - 1.0);
    EXPECT_FALSE(floored.optimal);
}

TEST(Exact, StopsWhenAsked) {
    const RandomGrid random(12, 12, 2, Kind::uniform, 6);
    const Solved stopped = solved(random.grid, kInfinity, [] { return true; });
    EXPECT_FALSE(stopped.finished);
    EXPECT_EQ(stopped.result.energy, kInfinity);
}

TEST(Exact, WorkAndMemoryGrowWithTheNarrowerSide) {
    const RandomGrid narrow(4, 20, 3, Kind::uniform, 7), wide(5, 16, 3, Kind::uniform, 8);
    const LabelSets few(narrow.grid), more(wide.grid);
    const Lines few_states{Field{narrow.grid, few}, false};
    const Lines more_states{Field{wide.grid, more}, false};
    EXPECT_GT(exact_work(more_states), 1.5 * exact_work(few_states));
    EXPECT_GT(exact_memory(more_states), 2.0 * exact_memory(few_states));
}

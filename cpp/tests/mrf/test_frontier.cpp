#include <gtest/gtest.h>

#include "mrf/strips/frontier.hpp"
#include "tests/mrf/random_grid.hpp"

using namespace metafast::mrf;
using namespace metafast::mrf::testing;

namespace {

void expect_exact(const Grid& grid, const LabelSets& sets, bool columns) {
    const Lines lines{Field{grid, sets}, columns};
    Frontier frontier(lines.count());
    frontier.lay_out(lines, 0);
    std::vector<double> scratch(grid.pairs());
    for (int pos = 0; pos < lines.length(); ++pos) {
        for (int q = 0; q < lines.count(); ++q) {
            std::copy_n(lines.unary(q, pos, scratch.data()), lines.labels(q, pos),
                        frontier.cost(q, pos));
        }
    }
    const Optimum optimum = brute_force(grid, sets);
    const double scale = std::max(1e-300, std::fabs(optimum.upper));
    for (const bool bounded : {false, true}) {
        ASSERT_TRUE(frontier.solve(lines, 0, bounded));
        if (std::isinf(optimum.upper)) continue;
        Labelling x(grid.nodes());
        for (int pos = 0; pos < lines.length(); ++pos) {
            for (int q = 0; q < lines.count(); ++q) {
                const std::size_t node = lines.node(q, pos);
                x[node] = sets.label(node, frontier.chosen(q, pos));
            }
        }
        EXPECT_NEAR(energy(grid, x).value(), optimum.upper, 1e-12 * scale);
    }
    EXPECT_LE(frontier.bound().lower(), optimum.upper);
    if (std::isinf(optimum.upper)) {
        EXPECT_TRUE(std::isinf(frontier.value()));
    } else {
        EXPECT_NEAR(frontier.bound().lower(), optimum.upper, 1e-12 * scale);
    }
}

void expect_exact(int rows, int cols, int labels, Kind kind, unsigned seed, bool columns) {
    const RandomGrid random(rows, cols, labels, kind, seed);
    expect_exact(random.grid, LabelSets(random.grid), columns);
    expect_exact(random.grid, some_labels(random.grid, seed), columns);
}

}  // namespace

TEST(Frontier, OneLineAgainstBruteForce) {
    unsigned seed = 0;
    for (const Kind kind : kAllKinds) {
        for (const int labels : {1, 2, 3, 9}) {
            expect_exact(1, 5, labels, kind, ++seed, false);
            expect_exact(5, 1, labels, kind, ++seed, true);
        }
        expect_exact(1, 1, 4, kind, ++seed, false);
    }
}

TEST(Frontier, StripsAgainstBruteForce) {
    unsigned seed = 100;
    for (const Kind kind : kAllKinds) {
        for (int trial = 0; trial < 4; ++trial) {
            for (const bool columns : {false, true}) {
                expect_exact(2, 4, 3, kind, ++seed, columns);
                expect_exact(4, 2, 3, kind, ++seed, columns);
                expect_exact(3, 4, 2, kind, ++seed, columns);
                expect_exact(3, 3, 2, kind, ++seed, columns);
                expect_exact(2, 2, 9, kind, ++seed, columns);
            }
        }
    }
}

TEST(Frontier, StopsWhenAsked) {
    const RandomGrid random(2, 4, 3, Kind::uniform, 1);
    const LabelSets sets(random.grid);
    const Lines lines{Field{random.grid, sets}, false};
    Frontier frontier(2);
    frontier.lay_out(lines, 0);
    EXPECT_FALSE(frontier.solve(lines, 0, false, [] { return true; }));
}

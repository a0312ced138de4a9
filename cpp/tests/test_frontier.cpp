#include <gtest/gtest.h>

#include "mrf/frontier.hpp"
#include "random_grid.hpp"

using namespace metafast::mrf;
using namespace metafast::mrf::testing;

namespace {

void expect_exact(int rows, int cols, int labels, Kind kind, unsigned seed, bool columns) {
    const RandomGrid random(rows, cols, labels, kind, seed);
    const Lines lines{random.grid, columns};
    Frontier frontier(lines.count(), lines.length(), labels);
    for (int pos = 0; pos < lines.length(); ++pos) {
        for (int q = 0; q < lines.count(); ++q) {
            const double* unary = lines.unary(q, pos);
            std::copy(unary, unary + labels, frontier.cost(q, pos));
        }
    }
    ASSERT_TRUE(frontier.solve(lines, 0));
    const Optimum optimum = brute_force(random.grid);
    EXPECT_LE(frontier.bound().lower(), optimum.upper);
    if (std::isinf(optimum.upper)) {
        EXPECT_TRUE(std::isinf(frontier.value()));
        return;
    }
    Labelling x(random.grid.nodes());
    for (int pos = 0; pos < lines.length(); ++pos) {
        for (int q = 0; q < lines.count(); ++q) x[lines.node(q, pos)] = frontier.chosen(q, pos);
    }
    const double scale = std::max(1e-300, std::fabs(optimum.upper));
    EXPECT_NEAR(energy(random.grid, x).value(), optimum.upper, 1e-12 * scale);
    EXPECT_NEAR(frontier.bound().lower(), optimum.upper, 1e-12 * scale);
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
    Frontier frontier(2, 4, 3);
    EXPECT_FALSE(frontier.solve(Lines{random.grid, false}, 0, [] { return true; }));
}

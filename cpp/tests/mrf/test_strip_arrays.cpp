#include <gtest/gtest.h>

#include <set>

#include "mrf/dual/strip_arrays.hpp"
#include "tests/mrf/random_grid.hpp"

using namespace metafast::mrf;
using namespace metafast::mrf::testing;

namespace {

StripSplit random_split(const Lines& lines, unsigned seed) {
    StripSplit split(lines, 1.0);
    const auto numbers = normal_numbers(split.nodes.size() + split.edges.size(), 0.3, seed);
    std::copy_n(numbers.begin(), split.nodes.size(), split.nodes.begin());
    std::copy_n(numbers.begin() + split.nodes.size(), split.edges.size(), split.edges.begin());
    return split;
}

}  // namespace

TEST(StripArrays, GiveBackTheMultipliersOfSharedLines) {
    unsigned seed = 0;
    for (const int width : {2, 3, 4}) {
        const RandomGrid random(11, 6, 4, Kind::uniform, ++seed);
        const LabelSets sets = some_labels(random.grid, seed);
        metafast::ThreadPool pool(2);
        const StripLayout layout{Lines{Field{random.grid, sets}, false}, width};
        const Lines& lines = layout.lines;
        const StripSplit split = random_split(lines, seed);
        StripSplit saved(lines, 1.0);
        const StripArrays arrays(layout, split, pool);
        arrays.save(saved);
        for (int line = 0; line < lines.count(); ++line) {
            const bool shared = layout.shared(line);
            for (int pos = 0; pos < lines.length(); ++pos) {
                const std::size_t node = lines.node(line, pos);
                for (int k = 0; k < sets.count(node); ++k) {
                    const float whole = shared ? split.node(node, sets)[k] : 0.0f;
                    EXPECT_NEAR(saved.node(node, sets)[k], whole, 1e-6);
                }
                if (pos + 1 == lines.length()) continue;
                for (int i = 0; i < lines.labels(line, pos) * lines.labels(line, pos + 1); ++i) {
                    const float whole = shared ? split.edge(line, pos)[i] : 0.0f;
                    EXPECT_NEAR(saved.edge(line, pos)[i], whole, 1e-6);
                }
            }
        }
    }
}

TEST(StripArrays, CopiesOfASharedCostAddUpToTheCost) {
    const RandomGrid random(5, 7, 3, Kind::uniform, 9);
    const LabelSets sets(random.grid);
    metafast::ThreadPool pool(1);
    const StripLayout layout{Lines{Field{random.grid, sets}, false}, 2};
    const StripArrays arrays(layout, random_split(layout.lines, 9), pool);
    std::vector<double> scratch(random.grid.pairs());
    auto cost = [&](int strip, int slot, int pos, int k) {
        const int group = strip / arrays.lanes(), lane = strip % arrays.lanes();
        return arrays.costs(slot)[arrays.node(arrays.place(group, pos), slot) +
                                  static_cast<std::size_t>(k) * arrays.lanes() + lane];
    };
    for (int strip = 1; strip < layout.strips(); ++strip) {
        for (int pos = 0; pos < 7; ++pos) {
            const double* unary = layout.lines.unary(strip, pos, scratch.data());
            const double least = least_entry(unary, 3);
            for (int k = 0; k < 3; ++k) {
                EXPECT_NEAR(cost(strip - 1, 1, pos, k) + cost(strip, 0, pos, k), unary[k] - least,
                            1e-6);
            }
        }
    }
}

TEST(StripArrays, MoveAddsTheVelocityOnceToEveryCostThatMoves) {
    const RandomGrid random(7, 5, 3, Kind::uniform, 2);
    const LabelSets sets = some_labels(random.grid, 2);
    for (const int width : {2, 3}) {
        metafast::ThreadPool pool(1);
        const StripLayout layout{Lines{Field{random.grid, sets}, false}, width};
        const StripSplit split(layout.lines, 1.0);
        StripArrays arrays(layout, split, pool);
        const StripArrays before(layout, split, pool);
        // Every offset of a cost that moves, to find each once.
        std::set<std::size_t> moving;
        for (int group = 0; group < arrays.groups(); ++group) {
            for (int pos = 0; pos < 5; ++pos) {
                const auto& here = arrays.place(group, pos);
                for (const int slot : {0, width - 1}) {
                    auto insert = [&](std::size_t begin, std::size_t vectors) {
                        for (std::size_t i = 0; i < vectors * arrays.lanes(); ++i) {
                            EXPECT_TRUE(moving.insert(begin + i).second);
                        }
                    };
                    insert(arrays.node(here, slot), here.n[slot]);
                    if (pos + 1 == 5) continue;
                    const auto& next = arrays.place(group, pos + 1);
                    insert(arrays.along(here, next, slot),
                           static_cast<std::size_t>(here.n[slot]) * next.n[slot]);
                }
            }
        }
        for (const std::size_t at : moving) arrays.velocities()[at] = 0.5f;
        for (int group = 0; group < arrays.groups(); ++group) {
            for (int pos = 0; pos < 5; ++pos) arrays.move(group, pos, 0.25f);
        }
        for (const std::size_t at : moving) {
            EXPECT_EQ(arrays.costs(0)[at], before.costs(0)[at] + 0.5f);
            EXPECT_EQ(arrays.velocities()[at], 0.125f);
        }
    }
}

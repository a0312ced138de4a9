#include <gtest/gtest.h>

#include "mrf/dual/message_arrays.hpp"
#include "tests/mrf/random_grid.hpp"

using namespace metafast::mrf;
using namespace metafast::mrf::testing;

TEST(MessageArrays, EveryNodeHasOnePlace) {
    for (const auto& [rows, cols] : {std::pair{1, 1}, {3, 50}, {50, 3}, {40, 33}}) {
        const RandomGrid random(rows, cols, 2, Kind::uniform, 1);
        const LabelSets sets(random.grid);
        metafast::ThreadPool pool(1);
        const MessageArrays arrays(MessageArrays::lines_for({random.grid, sets}), 1.0, pool);
        std::vector<int> places(random.grid.nodes());
        for (int group = 0; group < arrays.groups(); ++group) {
            for (int position = 0; position < arrays.positions(); ++position) {
                for (int lane = 0; lane < kLanes; ++lane) {
                    if (!arrays.holds(group, lane, position)) continue;
                    ++places[arrays.node(group, lane, position)];
                }
            }
        }
        EXPECT_EQ(places, std::vector<int>(random.grid.nodes(), 1));
    }
}

TEST(MessageArrays, GroupsRunAlongTheSideThatNeedsFewest) {
    const RandomGrid wide(3, 50, 2, Kind::uniform, 1), tall(50, 3, 2, Kind::uniform, 1);
    const LabelSets of_wide(wide.grid), of_tall(tall.grid);
    EXPECT_FALSE(MessageArrays::lines_for({wide.grid, of_wide}).columns);
    EXPECT_TRUE(MessageArrays::lines_for({tall.grid, of_tall}).columns);
}

TEST(MessageArrays, LanesWithoutNodesAreCounted) {
    const RandomGrid small(2, 3, 9, Kind::uniform, 1), large(64, 90, 9, Kind::uniform, 1);
    const LabelSets of_small(small.grid), of_large(large.grid);
    EXPECT_DOUBLE_EQ(MessageArrays::padding({small.grid, of_small}), 17.0 * 16.0 / 6.0);
    EXPECT_LT(MessageArrays::padding({large.grid, of_large}), 1.2);
    const double edges = large.horizontal.size() + large.vertical.size();
    EXPECT_GT(MessageArrays::memory({large.grid, of_large}), 4.0 * edges);
    EXPECT_LT(MessageArrays::memory({large.grid, of_large}), 8.0 * edges);
}

TEST(MessageArrays, MessagesComeBackAsTheyWent) {
    const RandomGrid random(20, 7, 5, Kind::uniform, 2);
    const SmoothGrid smooth(20, 7, 5, 2);
    for (const Grid* grid : {&random.grid, &smooth.grid}) {
        const LabelSets sets = some_labels(*grid, 2);
        metafast::ThreadPool pool(2);
        MessageArrays arrays(MessageArrays::lines_for({*grid, sets}), 2.0, pool);
        const Messages sent{normal_numbers(sets.total(), 1.0, 3),
                            normal_numbers(sets.total(), 1.0, 4)};
        arrays.receive(sent, 2.0);
        const Messages back = arrays.messages(2.0);
        const auto multipliers = arrays.multipliers(2.0);
        const double sign = arrays.lines().columns ? -0.5 : 0.5;
        for (std::size_t i = 0; i < sets.total(); ++i) {
            EXPECT_NEAR(back.from_right[i], sent.from_right[i], 1e-6);
            EXPECT_NEAR(back.from_below[i], sent.from_below[i], 1e-6);
            EXPECT_NEAR(multipliers[i], sign * (sent.from_below[i] - sent.from_right[i]), 1e-6);
        }
    }
}

TEST(MessageArrays, LinearTablesNeedFewerOperations) {
    const RandomGrid random(20, 20, 9, Kind::uniform, 2);
    const SmoothGrid smooth(20, 20, 9, 2);
    metafast::ThreadPool pool(1);
    const auto work = [&](const Grid& grid) {
        const LabelSets sets(grid);
        return MessageArrays(MessageArrays::lines_for({grid, sets}), 1.0, pool).work();
    };
    EXPECT_LT(2.0 * work(smooth.grid), work(random.grid) + 1e4);
}

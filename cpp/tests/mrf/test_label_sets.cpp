#include <gtest/gtest.h>

#include <type_traits>

#include "mrf/model/label_sets.hpp"
#include "tests/mrf/random_grid.hpp"

using namespace metafast::mrf;
using namespace metafast::mrf::testing;

// What the strong type is for: the compiler refuses to take one number for the other.
static_assert(!std::is_convertible_v<Position, Label> && !std::is_convertible_v<Label, Position>);
static_assert(!std::is_convertible_v<Position, int> && !std::is_convertible_v<int, Position>);
static_assert(!std::is_convertible_v<Positions, Labelling>);
static_assert(sizeof(Position) == sizeof(Label));

TEST(LabelSets, LeaveOutForbiddenLabelsUnlessThereIsNoOther) {
    RandomGrid random(1, 3, 3, Kind::uniform, 4);
    random.unary[1] = kInfinity;
    for (int k = 6; k < 9; ++k) random.unary[k] = kInfinity;
    LabelSets sets(random.grid);
    EXPECT_EQ(sets.count(0), 2);
    EXPECT_EQ(sets.open(0)[1], 2);
    EXPECT_EQ(sets.count(1), 3);
    EXPECT_EQ(sets.count(2), 3);
    EXPECT_FALSE(sets.full());
    EXPECT_EQ(sets.find(0, 2), Position(1));
    EXPECT_FALSE(sets.find(0, 1));
    EXPECT_TRUE(sets.retain({1, 1, 0, 0, 1, 1, 1, 0}));
    EXPECT_EQ(sets.total(), 5u);
    EXPECT_EQ(sets.open(1)[0], 2);
    EXPECT_FALSE(sets.retain({1, 1, 0, 1, 1}));
    EXPECT_EQ(sets.total(), 5u);
    EXPECT_EQ(sets.most(), 2);
}

TEST(LabelSets, LabelsAndPositionsAreEachOthersInverse) {
    for (unsigned seed = 0; seed < 5; ++seed) {
        const RandomGrid random(3, 4, 6, Kind::uniform, seed);
        const LabelSets sets = some_labels(random.grid, seed, 0.5);
        for (std::size_t node = 0; node < sets.nodes(); ++node) {
            int found = 0;
            for (Label label = 0; label < 6; ++label) {
                const auto position = sets.find(node, label);
                if (!position) continue;
                EXPECT_EQ(index(*position), found++);  // positions rise with labels
                EXPECT_EQ(sets.label(node, *position), label);
                EXPECT_EQ(sets.position(node, label), *position);
            }
            EXPECT_EQ(found, sets.count(node));
        }
        const Labelling last = sets.labelling(Positions(sets.nodes(), Position(0)));
        for (std::size_t node = 0; node < sets.nodes(); ++node) {
            EXPECT_EQ(last[node], sets.open(node)[0]);
        }
    }
}

TEST(LabelSets, PositionsInAnotherSetNameTheSameLabels) {
    const RandomGrid random(4, 4, 7, Kind::uniform, 2);
    const LabelSets all = some_labels(random.grid, 2, 0.8);
    LabelSets fewer = all;
    std::vector<char> keep(all.total());
    for (std::size_t node = 0; node < all.nodes(); ++node) {
        for (int k = 0; k < all.count(node); k += 2) keep[all.offset(node) + k] = 1;
    }
    ASSERT_TRUE(fewer.retain(keep));
    for (std::size_t node = 0; node < all.nodes(); ++node) {
        const auto positions = fewer.positions_in(all, node);
        ASSERT_EQ(static_cast<int>(positions.size()), fewer.count(node));
        for (int k = 0; k < fewer.count(node); ++k) {
            EXPECT_EQ(all.label(node, positions[k]), fewer.open(node)[k]);
        }
    }
}

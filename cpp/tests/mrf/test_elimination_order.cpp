#include <gtest/gtest.h>

#include <set>

#include "mrf/primal/elimination_order.hpp"
#include "tests/mrf/random_grid.hpp"

using namespace metafast::mrf;
using namespace metafast::mrf::testing;

namespace {

const std::function<bool()> kNever;

std::optional<EliminationOrder> order_of(const Field& field, double most = 1e12) {
    metafast::WorkPoll stop(kNever, 1.0);
    return elimination_order(field, most, stop);
}

double entries(const Field& field, const EliminationOrder& order) {
    double sum = 0.0;
    for (std::size_t i = 0; i < order.nodes.size(); ++i) {
        double size = field.count(order.nodes[i]);
        for (const std::size_t other : order.neighbours[i]) size *= field.count(other);
        sum += size;
    }
    return sum;
}

}  // namespace

TEST(EliminationOrder, TakesOutEveryNodeWithAChoiceOnce) {
    const RandomGrid random(6, 7, 3, Kind::uniform, 1);
    const LabelSets sets = some_labels(random.grid, 1, 0.4);
    const Field field{random.grid, sets};
    const auto order = order_of(field);
    ASSERT_TRUE(order);
    std::set<std::size_t> choice;
    for (std::size_t node = 0; node < sets.nodes(); ++node) {
        if (sets.count(node) > 1) choice.insert(node);
    }
    EXPECT_EQ(std::set<std::size_t>(order->nodes.begin(), order->nodes.end()), choice);
    EXPECT_EQ(order->nodes.size(), choice.size());
}

TEST(EliminationOrder, NeighboursAreThoseThatEliminationJoins) {
    const RandomGrid random(5, 5, 2, Kind::uniform, 2);
    const LabelSets sets(random.grid);
    const auto order = order_of(Field{random.grid, sets});
    ASSERT_TRUE(order);
    // b is a neighbour at a's turn if a way leads from a to b through nodes already taken out
    std::vector<int> turn(25);
    for (int i = 0; i < 25; ++i) turn[order->nodes[i]] = i;
    for (int i = 0; i < 25; ++i) {
        std::set<std::size_t> seen = {order->nodes[i]}, expected;
        std::vector<std::size_t> open(seen.begin(), seen.end());
        while (!open.empty()) {
            const int node = static_cast<int>(open.back());
            open.pop_back();
            for (const int next : {node - 5, node + 5, node % 5 > 0 ? node - 1 : -1,
                                   node % 5 < 4 ? node + 1 : -1}) {
                if (next < 0 || next >= 25 || !seen.insert(next).second) continue;
                if (turn[next] > i) {
                    expected.insert(next);
                } else {
                    open.push_back(next);
                }
            }
        }
        EXPECT_EQ(std::vector<std::size_t>(expected.begin(), expected.end()),
                  order->neighbours[i]);
    }
}

TEST(EliminationOrder, OfATreeTakesNoLargerTableThanItsEdges) {
    const RandomGrid random(1, 30, 4, Kind::uniform, 3);
    const LabelSets sets(random.grid);
    const Field field{random.grid, sets};
    const auto order = order_of(field);
    ASSERT_TRUE(order);
    EXPECT_LE(entries(field, *order), 30 * 16.0);
}

TEST(EliminationOrder, DeclinesExactlyWhatTakesMoreEntries) {
    const RandomGrid random(4, 6, 3, Kind::uniform, 4);
    const LabelSets sets = some_labels(random.grid, 4, 0.8);
    const Field field{random.grid, sets};
    const double size = entries(field, *order_of(field));
    EXPECT_TRUE(order_of(field, size));
    EXPECT_FALSE(order_of(field, size - 1.0));
}

TEST(EliminationOrder, StopsWhenAsked) {
    const RandomGrid random(4, 6, 3, Kind::uniform, 4);
    const LabelSets sets(random.grid);
    int asked = 0;
    const std::function<bool()> poll = [&] { return ++asked == 3; };
    metafast::WorkPoll stop(poll, 1.0);
    EXPECT_FALSE(elimination_order(Field{random.grid, sets}, 1e12, stop));
    EXPECT_EQ(asked, 3);
}

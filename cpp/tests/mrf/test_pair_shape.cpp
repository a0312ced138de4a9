#include <gtest/gtest.h>

#include "mrf/model/pair_shape.hpp"
#include "tests/mrf/random_grid.hpp"

using namespace metafast::mrf;
using namespace metafast::mrf::testing;

namespace {

std::vector<double> linear(int labels, double base, double weight, double limit) {
    std::vector<double> table;
    for (int a = 0; a < labels; ++a) {
        for (int b = 0; b < labels; ++b) {
            table.push_back(base + std::min(weight * std::abs(a - b), limit));
        }
    }
    return table;
}

PairShape shape(const Grid& grid, const LabelSets& sets, bool across = false) {
    return pair_shape(Lines{Field{grid, sets}, false}, across);
}

}  // namespace

TEST(PairShape, TruncatedLinearTablesAreKnownByTheirNumbers) {
    for (const int labels : {2, 3, 7}) {
        for (const double weight : {0.0, 0.1, 1.0, 30.0}) {
            for (const double limit : {0.1, 2.5, 30.0}) {
                const auto table = linear(labels, -4.0, weight, limit);
                const auto shape = truncated_linear(table.data(), labels);
                ASSERT_TRUE(shape);
                const auto again = linear(labels, shape->base, shape->weight, shape->limit);
                for (std::size_t i = 0; i < table.size(); ++i) {
                    EXPECT_NEAR(again[i], table[i], 1e-5);
                }
            }
        }
    }
    const double one = 3.0;
    EXPECT_EQ(truncated_linear(&one, 1)->base, 3.0);
}

TEST(PairShape, AnyOtherEntryMakesAnotherTable) {
    for (const double limit : {1.0, 2.0, 10.0}) {
        for (std::size_t i = 0; i < 16; ++i) {
            for (const double change : {0.01, -0.01, kInfinity}) {
                auto table = linear(4, 0.0, 1.0, limit);
                table[i] += change;
                EXPECT_FALSE(truncated_linear(table.data(), 4)) << i;
            }
        }
    }
    EXPECT_FALSE(truncated_linear(linear(3, 0.0, -1.0, 0.0).data(), 3));  // rewards differences
    const double forbidden = kInfinity;
    EXPECT_FALSE(truncated_linear(&forbidden, 1));
}

TEST(PairShape, AllPlacesCount) {
    SmoothGrid smooth(4, 5, 3, 1);
    const LabelSets all(smooth.grid), some = some_labels(smooth.grid, 1);
    EXPECT_EQ(shape(smooth.grid, all), PairShape::linear);
    EXPECT_EQ(shape(smooth.grid, some), PairShape::linear);
    for (std::size_t i = 0; i < 9; ++i) smooth.horizontal[9 * 7 + i] *= 0.5;  // a weight of its own
    EXPECT_EQ(shape(smooth.grid, all), PairShape::linear);
    smooth.horizontal[9 * 7 + 1] += 0.3;
    EXPECT_EQ(shape(smooth.grid, all), PairShape::own);
    EXPECT_EQ(shape(smooth.grid, all, true), PairShape::linear);
    EXPECT_EQ(pair_shape(Lines{Field{smooth.grid, all}, true}, true), PairShape::own);
    EXPECT_EQ(pair_shape(Lines{Field{smooth.grid, all, 1.0}, false}, true), PairShape::own);
}

TEST(PairShape, OneTableForAllPlacesIsShared) {
    RandomGrid random(4, 5, 3, Kind::uniform, 2);
    const LabelSets all(random.grid), some = some_labels(random.grid, 2);
    EXPECT_EQ(shape(random.grid, all), PairShape::own);
    Grid grid = random.grid;
    grid.horizontal.row_stride = grid.horizontal.col_stride = 0;
    EXPECT_EQ(shape(grid, all), PairShape::shared);
    EXPECT_EQ(shape(grid, some), PairShape::own);
    for (std::size_t i = 0; i < random.vertical.size(); ++i) {
        random.vertical[i] = random.vertical[i % 9];
    }
    EXPECT_EQ(shape(random.grid, all, true), PairShape::shared);  // written out
}

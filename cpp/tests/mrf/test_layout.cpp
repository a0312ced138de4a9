#include <gtest/gtest.h>

#include "mrf/strips/layout.hpp"
#include "tests/mrf/random_grid.hpp"

using namespace metafast::mrf;
using namespace metafast::mrf::testing;

TEST(StripLayout, HoldsEveryLineOnceAndSharedLinesTwice) {
    for (int rows = 2; rows <= 12; ++rows) {
        const RandomGrid random(rows, 3, 1, Kind::uniform, 1);
        const LabelSets sets(random.grid);
        for (int width = 2; width <= std::min(rows, kMostLines); ++width) {
            const StripLayout layout{Lines{Field{random.grid, sets}, false}, width};
            std::vector<int> held(rows, 0), across(rows, 0);
            for (int strip = 0; strip < layout.strips(); ++strip) {
                for (int slot = 0; slot < width; ++slot) {
                    const int line = layout.line(strip, slot);
                    if (layout.holds(line)) ++held[line];
                    if (slot + 1 < width && layout.holds(line + 1)) ++across[line];
                }
            }
            for (int line = 0; line < rows; ++line) {
                EXPECT_EQ(held[line], layout.shared(line) ? 2 : 1) << rows << ' ' << width;
                if (line + 1 < rows) {
                    EXPECT_EQ(across[line], 1);  // edges across belong to one strip
                }
            }
        }
    }
}

TEST(StripLayout, ALineBeyondTheLastHasOneLabel) {
    const RandomGrid random(4, 3, 5, Kind::uniform, 1);
    const LabelSets sets(random.grid);
    const StripLayout layout{Lines{Field{random.grid, sets}, false}, 3};
    ASSERT_EQ(layout.strips(), 2);
    EXPECT_TRUE(layout.holds(layout.line(1, 1)));
    EXPECT_FALSE(layout.holds(layout.line(1, 2)));
    EXPECT_EQ(layout.labels(layout.line(1, 1), 0), 5);
    EXPECT_EQ(layout.labels(layout.line(1, 2), 0), 1);
}

TEST(StripLayout, LongStripsRunAlongTheLongerSide) {
    for (const auto& [rows, cols] : {std::pair{3, 8}, {8, 3}, {5, 5}}) {
        const RandomGrid random(rows, cols, 2, Kind::uniform, 1);
        const LabelSets sets(random.grid);
        const StripLayout layout = long_strips(Field{random.grid, sets}, 2);
        EXPECT_EQ(layout.lines.length(), std::max(rows, cols));
        EXPECT_EQ(layout.width, 2);
    }
}

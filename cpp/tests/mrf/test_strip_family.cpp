#include <gtest/gtest.h>

#include "mrf/dual/certificate.hpp"
#include "mrf/model/cost_range.hpp"
#include "mrf/dual/strip_ascent.hpp"
#include "tests/mrf/random_grid.hpp"

using namespace metafast::mrf;
using namespace metafast::mrf::testing;

namespace {

// A few steps, then float32 strips against the float64 certificate of the multipliers saved.
void expect_same_strips(const RandomGrid& random, const LabelSets& sets, bool columns, int width) {
    metafast::ThreadPool pool(2);
    const StripLayout layout{Lines{Field{random.grid, sets}, columns}, width};
    const Lines& lines = layout.lines;
    const CostRange range = measure(lines.field);
    StripSplit split(lines, range.scale());
    StripFamily family(layout, split, pool);
    const std::size_t nodes = static_cast<std::size_t>(layout.strips()) * lines.length();
    StripPositions labels(width, std::vector<Position>(nodes)), next = labels;
    std::vector<double> values(layout.strips());
    for (int step = 0; step < 6; ++step) {
        const Step move{step == 0 ? 0.0f : 0.05f, 0.5f};
        for (int g = 0; g < family.groups(); ++g) {
            family.advance(g, g % 2, move, labels, next, values.data());
        }
        std::swap(labels, next);
    }
    double value = 0.0;
    for (const double part : values) value += part;
    family.save(split);
    const double bound = certify_strips(layout, split, pool, {}).bound.value();
    EXPECT_NEAR(range.base.value() + range.scale() * value, bound, 1e-4);

    // The labels found cost what the strips are worth: the energy under all copies.
    double cost = 0.0;
    std::vector<double> scratch(random.grid.pairs());
    for (int strip = 0; strip < layout.strips(); ++strip) {
        for (int slot = 0; slot < width && layout.holds(layout.line(strip, slot)); ++slot) {
            const int line = layout.line(strip, slot);
            const bool ends = slot == 0 || slot + 1 == width;
            const bool shared = ends && layout.shared(line);
            const double sign = slot == 0 ? range.scale() : -range.scale();
            auto copy = [&](double whole, float multiplier) {
                return shared ? 0.5 * whole + sign * multiplier : whole;
            };
            for (int pos = 0; pos < lines.length(); ++pos) {
                const std::size_t at = static_cast<std::size_t>(strip) * lines.length() + pos;
                const Position k = labels[slot][at];
                ASSERT_LT(static_cast<int>(k), lines.labels(line, pos));
                cost += copy(lines.unary(line, pos, scratch.data())[index(k)],
                             split.node(lines.node(line, pos), sets)[index(k)]);
                if (pos + 1 < lines.length()) {
                    const Position l = labels[slot][at + 1];
                    const std::size_t i = index(k) * lines.labels(line, pos + 1) + index(l);
                    cost += copy(lines.along_at(line, pos, k, l), split.edge(line, pos)[i]);
                }
                if (slot + 1 < width && layout.holds(line + 1)) {
                    cost += lines.across_at(line, pos, k, labels[slot + 1][at]);
                }
            }
        }
    }
    EXPECT_NEAR(cost, bound, 1e-4);
}

}  // namespace

TEST(StripFamily, AgreesWithFloat64) {
    unsigned seed = 0;
    for (const int labels : {1, 2, 5, 10, 13}) {
        for (const auto& [rows, cols] : {std::pair{2, 3}, {3, 4}, {10, 17}, {19, 5}}) {
            const RandomGrid random(rows, cols, labels, Kind::uniform, ++seed);
            for (const bool columns : {false, true}) {
                for (const int width : {2, 3, 4}) {
                    if (width > (columns ? cols : rows) || (width == 4 && labels > 5)) continue;
                    expect_same_strips(random, LabelSets(random.grid), columns, width);
                    expect_same_strips(random, some_labels(random.grid, seed), columns, width);
                }
            }
        }
    }
}

TEST(StripFamily, StripsOfManyLines) {
    for (int width = 5; width <= kMostLines; ++width) {
        const RandomGrid random(12, 6, 2, Kind::uniform, width);
        expect_same_strips(random, LabelSets(random.grid), false, width);
        const RandomGrid uneven(11, 6, 3, Kind::uniform, width);
        expect_same_strips(uneven, some_labels(uneven.grid, width, 0.3), false, width);
    }
}

TEST(StripFamily, ForbiddenAndMissingLabelsAreNotChosen) {
    for (unsigned seed = 0; seed < 10; ++seed) {
        const RandomGrid random(9, 8, 5, Kind::forbidden, seed);
        const LabelSets sets(random.grid);
        metafast::ThreadPool pool(1);
        const Lines lines{Field{random.grid, sets}, false};
        const int width = 2 + static_cast<int>(seed) % 3;
        StripAscent ascent({lines, width}, measure(lines.field), pool, StripSplit(lines, 1.0));
        for (int pass = 0; pass < 30; ++pass) ascent.iterate(kInfinity);
        for (const bool second : {false, true}) {
            const Labelling x = ascent.labelling(second);
            for (std::size_t node = 0; node < x.size(); ++node) {
                EXPECT_TRUE(sets.find(node, x[node]));
            }
        }
    }
}

#include <gtest/gtest.h>

#include "mrf/certificate.hpp"
#include "mrf/restriction.hpp"
#include "mrf/strip_ascent.hpp"
#include "random_grid.hpp"

using namespace metafast::mrf;
using namespace metafast::mrf::testing;

namespace {

// A few steps, then float32 strips against the float64 certificate of the multipliers saved.
void expect_same_strips(const RandomGrid& random, const LabelSets& sets, bool columns) {
    metafast::ThreadPool pool(2);
    const Lines lines{Field{random.grid, sets}, columns};
    const Range range = measure(lines.field);
    StripFamily family(lines, StripSplit(lines, range.scale()), pool);
    StripLabels labels, next;
    for (StripLabels* l : {&labels, &next}) {
        for (auto& slot : l->slot) slot.resize(family.strips() * lines.length());
    }
    std::vector<double> values(family.strips());
    for (int step = 0; step < 6; ++step) {
        const Step move{step == 0 ? 0.0f : 0.05f, 0.5f};
        for (int g = 0; g < family.groups(); ++g) {
            family.advance(g, g % 2, move, labels, next, values.data());
        }
        std::swap(labels, next);
    }
    double value = 0.0;
    for (const double part : values) value += part;
    StripSplit split(lines, range.scale());
    family.save(lines, split);
    const double bound = certify_strips(lines, split, pool, {}).bound.value();
    EXPECT_NEAR(range.base.value() + range.scale() * value, bound, 1e-4);

    // The labels found cost what the strips are worth: under the copies of the split.
    for (int strip = 0; strip < family.strips(); ++strip) {
        for (int slot = 0; slot < 2; ++slot) {
            for (int pos = 0; pos < lines.length(); ++pos) {
                EXPECT_LT(labels.slot[slot][strip * lines.length() + pos],
                          lines.labels(strip + slot, pos));
            }
        }
    }
}

}  // namespace

TEST(StripLanes, AgreeWithFloat64) {
    unsigned seed = 0;
    for (const int labels : {1, 2, 5, 10, 13}) {
        for (const auto& [rows, cols] : {std::pair{2, 3}, {3, 4}, {10, 17}, {19, 5}}) {
            const RandomGrid random(rows, cols, labels, Kind::uniform, ++seed);
            for (const bool columns : {false, true}) {
                expect_same_strips(random, LabelSets(random.grid), columns);
                expect_same_strips(random, some_labels(random.grid, seed), columns);
            }
        }
    }
}

TEST(StripLanes, ForbiddenAndMissingLabelsAreNotChosen) {
    for (unsigned seed = 0; seed < 10; ++seed) {
        const RandomGrid random(9, 8, 5, Kind::forbidden, seed);
        const LabelSets sets(random.grid);
        metafast::ThreadPool pool(1);
        const Lines lines{Field{random.grid, sets}, false};
        StripAscent ascent(lines, measure(lines.field), pool, StripSplit(lines, 1.0));
        for (int pass = 0; pass < 30; ++pass) ascent.iterate(kInfinity);
        for (const bool second : {false, true}) {
            const Labelling x = ascent.labelling(second);
            for (std::size_t node = 0; node < x.size(); ++node) {
                EXPECT_GE(sets.find(node, x[node]), 0);
            }
        }
    }
}

TEST(StripAscent, ClosesTheGapThatChainsLeave) {
    // A frustrated square: every edge wants its ends to differ but one, which wants them equal.
    RandomGrid random(3, 3, 2, Kind::constant, 1);
    std::fill(random.unary.begin(), random.unary.end(), 0.0);
    for (auto* tables : {&random.horizontal, &random.vertical}) {
        for (std::size_t i = 0; i < tables->size(); ++i) (*tables)[i] = i % 4 == 0 || i % 4 == 3;
    }
    for (int i = 0; i < 4; ++i) random.horizontal[i] = 1.0 - random.horizontal[i];
    const double optimum = brute_force(random.grid).upper;
    EXPECT_EQ(optimum, 1.0);
    metafast::ThreadPool pool(1);
    const LabelSets sets(random.grid);
    const Field field{random.grid, sets};
    const std::vector<double> zero(sets.total());
    EXPECT_LT(certify_chains(field, zero, pool, {}).bound.value(), 0.5);
    const Lines lines{field, false};
    StripAscent ascent(lines, measure(field), pool, StripSplit(lines, 1.0));
    for (int pass = 0; pass < 200; ++pass) ascent.iterate(optimum);
    EXPECT_NEAR(ascent.certify({}).bound.lower(), optimum, 1e-3);
}

TEST(StripAscent, AgreementOfAllStripsIsTheOptimum) {
    unsigned agreed = 0;
    for (unsigned seed = 0; seed < 10; ++seed) {
        const RandomGrid random(3, 4, 3, Kind::uniform, seed);
        const LabelSets sets(random.grid);
        metafast::ThreadPool pool(1);
        const Lines lines{Field{random.grid, sets}, false};
        StripAscent ascent(lines, measure(lines.field), pool, StripSplit(lines, 1.0));
        const double optimum = brute_force(random.grid).upper;
        for (int pass = 0; pass < 500 && !ascent.agreed(); ++pass) ascent.iterate(optimum + 1e-3);
        if (!ascent.agreed()) continue;
        ++agreed;
        EXPECT_EQ(ascent.labelling(false), ascent.labelling(true));
        EXPECT_NEAR(energy(random.grid, ascent.labelling(false)).value(), optimum, 1e-5);
    }
    EXPECT_GE(agreed, 8u);
}

#include <gtest/gtest.h>

#include "mrf/dual/strip_ascent.hpp"
#include "mrf/model/cost_range.hpp"
#include "mrf/search/solver.hpp"
#include "tests/mrf/random_grid.hpp"

using namespace metafast::mrf;
using namespace metafast::mrf::testing;

TEST(StripAscent, ClosesTheGapThatChainsLeave) {
    const FrustratedGrid random;
    const double optimum = brute_force(random.grid).upper;
    EXPECT_EQ(optimum, 1.0);
    metafast::ThreadPool pool(1);
    const LabelSets sets(random.grid);
    const Field field{random.grid, sets};
    const std::vector<double> zero(sets.total());
    EXPECT_LT(certify_chains(field, zero, pool, {}).bound.value(), 0.5);
    const Lines lines{field, false};
    StripAscent ascent({lines, 2}, measure(field), pool, StripSplit(lines, 1.0));
    for (int pass = 0; pass < 200; ++pass) ascent.iterate(optimum);
    EXPECT_NEAR(ascent.certify({}).bound.lower(), optimum, 1e-3);
}

TEST(StripAscent, StripsAsWideAsTheGridAreExact) {
    for (unsigned seed = 0; seed < 8; ++seed) {
        const RandomGrid random(4, 5, 2, Kind::uniform, seed);
        const LabelSets sets = some_labels(random.grid, seed, 0.8);
        metafast::ThreadPool pool(1);
        for (const bool columns : {false, true}) {
            const Lines lines{Field{random.grid, sets}, columns};
            const StripAscent ascent({lines, lines.count()}, measure(lines.field), pool,
                                     StripSplit(lines, 1.0));
            EXPECT_TRUE(ascent.agreed());
            const double optimum = brute_force(random.grid, sets).upper;
            EXPECT_NEAR(ascent.certify({}).bound.lower(), optimum, 1e-12);
            EXPECT_NEAR(energy(random.grid, ascent.labelling(false)).value(), optimum, 1e-12);
        }
    }
}

TEST(StripAscent, WiderStripsBoundAtLeastAsWell) {
    for (unsigned seed = 0; seed < 4; ++seed) {
        const RandomGrid random(7, 8, 3, Kind::uniform, seed);
        const LabelSets sets(random.grid);
        metafast::ThreadPool pool(1);
        const Lines lines{Field{random.grid, sets}, false};
        const double optimum = solve(random.grid, Options{}).energy;
        double narrower = -kInfinity;
        for (const int width : {2, 3, 4}) {
            StripAscent ascent({lines, width}, measure(lines.field), pool, StripSplit(lines, 1.0));
            for (int pass = 0; pass < 1500; ++pass) ascent.iterate(optimum);
            const double bound = ascent.certify({}).bound.lower();
            EXPECT_LE(bound, optimum);
            EXPECT_GE(bound, narrower - 2e-3 * optimum);
            narrower = bound;
        }
    }
}

TEST(StripAscent, AgreementOfAllStripsIsTheOptimum) {
    unsigned agreed = 0;
    for (unsigned seed = 0; seed < 10; ++seed) {
        const RandomGrid random(3, 4, 3, Kind::uniform, seed);
        const LabelSets sets(random.grid);
        metafast::ThreadPool pool(1);
        const Lines lines{Field{random.grid, sets}, false};
        StripAscent ascent({lines, 2}, measure(lines.field), pool, StripSplit(lines, 1.0));
        const double optimum = brute_force(random.grid).upper;
        for (int pass = 0; pass < 500 && !ascent.agreed(); ++pass) ascent.iterate(optimum + 1e-3);
        if (!ascent.agreed()) continue;
        ++agreed;
        EXPECT_EQ(ascent.labelling(false), ascent.labelling(true));
        EXPECT_NEAR(energy(random.grid, ascent.labelling(false)).value(), optimum, 1e-5);
    }
    EXPECT_GE(agreed, 8u);
}

TEST(StripAscent, FewerLabelsOrWiderStripsWithTheSameMultipliersBoundAtLeastAsWell) {
    for (unsigned seed = 0; seed < 6; ++seed) {
        const RandomGrid random(7, 9, 3, Kind::uniform, seed);
        const LabelSets all(random.grid), some = some_labels(random.grid, seed, 0.7);
        const Field field{random.grid, all}, fewer{random.grid, some};
        metafast::ThreadPool pool(1);
        const StripLayout layout = long_strips(field, 2);
        StripAscent ascent(layout, measure(field), pool, StripSplit(layout.lines, 1.0));
        for (int pass = 0; pass < 80; ++pass) ascent.iterate(kInfinity);
        const double before = ascent.certify({}).bound.value();
        const auto restricted = ascent.restricted(fewer, measure(fewer))();
        EXPECT_EQ(restricted->width(), 2);
        EXPECT_GE(restricted->certify({}).bound.value(), before - 1e-5);
        for (const int width : {3, 4}) {
            const auto wider = ascent.as_strips(width)();
            EXPECT_EQ(wider->width(), width);
            if ((width - 1) % (layout.width - 1) == 0) {
                EXPECT_GE(wider->certify({}).bound.value(), before - 1e-5);
            }
        }
    }
}

TEST(StripAscent, SameBitsForAnyNumberOfThreads) {
    const RandomGrid random(41, 17, 4, Kind::uniform, 3);
    const LabelSets sets = some_labels(random.grid, 3);
    const StripLayout layout = long_strips(Field{random.grid, sets}, 2);
    std::vector<double> bounds;
    std::vector<Labelling> labellings;
    for (const int threads : {1, 2, 4}) {
        metafast::ThreadPool pool(threads);
        StripAscent ascent(layout, measure(layout.lines.field), pool,
                           StripSplit(layout.lines, 1.0));
        for (int pass = 0; pass < 40; ++pass) ascent.iterate(kInfinity);
        bounds.push_back(ascent.certify({}).bound.lower());
        labellings.push_back(ascent.labelling(true));
    }
    EXPECT_EQ(bounds, std::vector<double>(3, bounds[0]));
    EXPECT_EQ(labellings, std::vector<Labelling>(3, labellings[0]));
}

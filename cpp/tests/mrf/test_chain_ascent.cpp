#include <gtest/gtest.h>

#include "mrf/dual/chain_ascent.hpp"
#include "mrf/model/cost_range.hpp"
#include "tests/mrf/random_grid.hpp"

using namespace metafast::mrf;
using namespace metafast::mrf::testing;

TEST(ChainAscent, BoundsTheOptimumFromBelowAtEveryPass) {
    unsigned seed = 0;
    for (const Kind kind : {Kind::uniform, Kind::ties, Kind::negative, Kind::forbidden}) {
        const RandomGrid random(3, 4, 3, kind, ++seed);
        const LabelSets sets = some_labels(random.grid, seed, 0.8);
        const Field field{random.grid, sets};
        const Optimum optimum = brute_force(random.grid, sets);
        if (std::isinf(optimum.upper)) continue;
        metafast::ThreadPool pool(1);
        ChainAscent ascent(field, measure(field), pool);
        for (int pass = 0; pass < 60; ++pass) {
            ascent.iterate(optimum.upper);
            const double bound = ascent.certify({}).bound.lower();
            EXPECT_LE(bound, optimum.upper);
            EXPECT_NEAR(bound, ascent.saved(), 1e-4);  // float32 against float64
        }
    }
}

TEST(ChainAscent, IsExactOnAGridThatIsATree) {
    for (const auto& [rows, cols] : {std::pair{1, 9}, {9, 1}, {1, 1}}) {
        const RandomGrid random(rows, cols, 3, Kind::uniform, 4);
        const LabelSets sets(random.grid);
        const Field field{random.grid, sets};
        const double optimum = brute_force(random.grid).upper;
        metafast::ThreadPool pool(1);
        ChainAscent ascent(field, measure(field), pool);
        for (int pass = 0; pass < 1500 && !ascent.agreed(); ++pass) ascent.iterate(optimum + 1e-3);
        EXPECT_NEAR(ascent.certify({}).bound.lower(), optimum, 1e-4);
    }
}

TEST(ChainAscent, AgreementOfRowsAndColumnsIsTheOptimum) {
    unsigned agreed = 0;
    for (unsigned seed = 0; seed < 10; ++seed) {
        RandomGrid random(3, 4, 3, Kind::uniform, seed);
        for (auto* table : {&random.horizontal, &random.vertical}) {
            for (double& cost : *table) cost *= 0.3;
        }
        const LabelSets sets(random.grid);
        const Field field{random.grid, sets};
        const double optimum = brute_force(random.grid).upper;
        metafast::ThreadPool pool(1);
        ChainAscent ascent(field, measure(field), pool);
        for (int pass = 0; pass < 500 && !ascent.agreed(); ++pass) ascent.iterate(optimum + 1e-3);
        if (!ascent.agreed()) continue;
        ++agreed;
        EXPECT_EQ(ascent.labelling(false), ascent.labelling(true));
        EXPECT_NEAR(energy(random.grid, ascent.labelling(false)).value(), optimum, 1e-5);
    }
    EXPECT_GE(agreed, 5u);
}

TEST(ChainAscent, FewerLabelsWithTheSameMultipliersBoundAtLeastAsWell) {
    for (unsigned seed = 0; seed < 6; ++seed) {
        const RandomGrid random(5, 6, 4, Kind::uniform, seed);
        const LabelSets all(random.grid), some = some_labels(random.grid, seed, 0.7);
        const Field field{random.grid, all}, fewer{random.grid, some};
        metafast::ThreadPool pool(1);
        auto ascent = std::make_unique<ChainAscent>(field, measure(field), pool);
        for (int pass = 0; pass < 50; ++pass) ascent->iterate(kInfinity);
        const double before = ascent->certify({}).bound.value();
        const auto next = ascent->restricted(fewer, measure(fewer));
        ascent.reset();
        EXPECT_GE(next()->certify({}).bound.value(), before - 1e-5);
        EXPECT_EQ(next()->width(), 1);
    }
}

TEST(ChainAscent, StripsThatTakeOverBoundAtLeastAsWell) {
    for (unsigned seed = 0; seed < 6; ++seed) {
        const RandomGrid random(6, 5, 4, Kind::uniform, seed);
        const LabelSets sets(random.grid);
        const Field field{random.grid, sets};
        metafast::ThreadPool pool(1);
        ChainAscent ascent(field, measure(field), pool);
        for (int pass = 0; pass < 50; ++pass) ascent.iterate(kInfinity);
        for (const int width : {2, 3}) {
            const auto strips = ascent.as_strips(width)();
            EXPECT_EQ(strips->width(), width);
            EXPECT_GE(strips->certify({}).bound.value(), ascent.certify({}).bound.value() - 1e-5);
        }
    }
}

TEST(ChainAscent, SameBitsForAnyNumberOfThreads) {
    const RandomGrid random(37, 23, 5, Kind::uniform, 3);
    const LabelSets sets = some_labels(random.grid, 3);
    const Field field{random.grid, sets};
    std::vector<std::vector<double>> multipliers;
    for (const int threads : {1, 2, 4}) {
        metafast::ThreadPool pool(threads);
        ChainAscent ascent(field, measure(field), pool);
        for (int pass = 0; pass < 40; ++pass) ascent.iterate(kInfinity);
        multipliers.push_back(ascent.multipliers());
        multipliers.back().push_back(ascent.certify({}).bound.lower());
    }
    EXPECT_EQ(multipliers[0], multipliers[1]);
    EXPECT_EQ(multipliers[0], multipliers[2]);
}

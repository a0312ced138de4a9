#include <gtest/gtest.h>

#include "mrf/model/cost_range.hpp"
#include "tests/mrf/random_grid.hpp"

using namespace metafast::mrf;
using namespace metafast::mrf::testing;

TEST(CostRange, NoPenaltyWhereNothingIsForbidden) {
    const RandomGrid random(3, 3, 2, Kind::uniform, 3);
    const LabelSets sets(random.grid);
    EXPECT_EQ(penalty(Field{random.grid, sets}), kInfinity);
}

TEST(CostRange, PenaltyExceedsAllDifferencesOfFiniteEnergies) {
    for (unsigned seed = 0; seed < 20; ++seed) {
        const RandomGrid random(3, 3, 3, Kind::forbidden, seed);
        const LabelSets sets(random.grid);
        double least = kInfinity, most = -kInfinity;
        for_each_labelling(sets, [&](const Labelling& x) {
            const double value = energy(random.grid, x).value();
            if (std::isinf(value)) return;
            least = std::min(least, value);
            most = std::max(most, value);
        });
        if (std::isinf(least)) continue;
        EXPECT_GT(penalty(Field{random.grid, sets}), most - least);
    }
}

TEST(CostRange, MeasureBoundsEveryEnergy) {
    unsigned seed = 50;
    for (const Kind kind : kAllKinds) {
        const RandomGrid random(3, 2, 3, kind, ++seed);
        const LabelSets sets = some_labels(random.grid, seed);
        const double optimum = brute_force(random.grid, sets).upper;
        EXPECT_LE(measure(Field{random.grid, sets}).base.lower(), optimum);
    }
}

namespace {

// Whether all costs of the labelling are left.
bool reads_as_it_is(const Field& field, const Labelling& x) {
    const Lines lines{field, false};
    std::vector<double> scratch(field.grid.pairs());
    bool same = true;
    auto position = [&](std::size_t node) { return index(field.sets.position(node, x[node])); };
    for (int r = 0; r < lines.count(); ++r) {
        for (int c = 0; c < lines.length(); ++c) {
            const std::size_t node = lines.node(r, c);
            const std::size_t a = position(node);
            same = same && !std::isinf(lines.unary(r, c, scratch.data())[a]);
            if (c + 1 < lines.length()) {
                const std::size_t at = a * field.count(node + 1) + position(node + 1);
                same = same && !std::isinf(lines.along(r, c, scratch.data())[at]);
            }
            if (r + 1 < lines.count()) {
                const std::size_t below = lines.node(r + 1, c);
                const std::size_t at = a * field.count(below) + position(below);
                same = same && !std::isinf(lines.across(r, c, scratch.data())[at]);
            }
        }
    }
    return same;
}

}  // namespace

// Every labelling as good as the one that made the excess affordable survives, with its energy.
TEST(CostRange, KeepsAllLabellingsAsGoodAsTheOneKnown) {
    unsigned seed = 100;
    for (const Kind kind : kAllKinds) {
        for (int trial = 0; trial < 6; ++trial) {
            RandomGrid random(3, 3, 2, kind, ++seed);
            for (std::size_t i = seed % 3; i < random.unary.size(); i += 5) random.unary[i] += 1e12;
            const double known = energy(random.grid, Labelling(9, trial % 2)).upper();
            if (std::isinf(known)) continue;
            const LabelSets sets(random.grid);
            const double cutoff = cost_cutoff(measure(Field{random.grid, sets}), known);
            const Field field{random.grid, sets, cutoff};
            for_each_labelling(sets, [&](const Labelling& x) {
                const double before = energy(random.grid, x).upper();
                if (before <= known) {
                    EXPECT_TRUE(reads_as_it_is(field, x));
                }
            });
        }
    }
}

TEST(CostRange, QuantumDividesAllFiniteCosts) {
    RandomGrid random(2, 3, 2, Kind::uniform, 4);
    const LabelSets sets(random.grid);
    EXPECT_EQ(measure(Field{random.grid, sets}).quantum, 0.0);
    for (auto* table : {&random.unary, &random.horizontal, &random.vertical}) {
        for (double& cost : *table) cost = 4.0 * std::floor(10.0 * cost) - 8.0;
    }
    random.unary[0] = 4.0;
    random.unary[1] = kInfinity;
    EXPECT_EQ(measure(Field{random.grid, sets}).quantum, 4.0);
    random.vertical[0] = -0.75;
    EXPECT_EQ(measure(Field{random.grid, sets}).quantum, 0.25);
    random.vertical[1] = 0.1;
    EXPECT_EQ(measure(Field{random.grid, sets}).quantum, 0.0);
}

TEST(CostRange, NoQuantumWhereAllCostsAreZero) {
    RandomGrid random(2, 2, 2, Kind::uniform, 4);
    for (auto* table : {&random.unary, &random.horizontal, &random.vertical}) {
        std::fill(table->begin(), table->end(), 0.0);
    }
    const LabelSets sets(random.grid);
    EXPECT_EQ(measure(Field{random.grid, sets}).quantum, 0.0);
}

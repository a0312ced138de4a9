#include <gtest/gtest.h>

#include "mrf/dual/certificate.hpp"
#include "mrf/strips/split.hpp"
#include "tests/mrf/random_grid.hpp"

using namespace metafast::mrf;
using namespace metafast::mrf::testing;

TEST(StripSplit, FromChainsIsNoWorseThanTheChains) {
    metafast::ThreadPool pool(1);
    for (unsigned seed = 0; seed < 12; ++seed) {
        const RandomGrid random(5, 6, 4, Kind::uniform, seed);
        for (const LabelSets& sets : {LabelSets(random.grid), some_labels(random.grid, seed)}) {
            const Field field{random.grid, sets};
            const auto multipliers = normal_numbers(sets.total(), 0.2, seed);
            const double chains = certify_chains(field, multipliers, pool, {}).bound.value();
            for (const bool columns : {false, true}) {
                const Lines lines{field, columns};
                const StripSplit split = split_from_chains(lines, multipliers, 0.7);
                double narrower = chains;
                for (const int width : {2, 3, 5}) {  // each holds the strips before it whole
                    const double strips =
                        certify_strips({lines, width}, split, pool, {}).bound.value();
                    EXPECT_GE(strips, narrower - 1e-5);
                    narrower = strips;
                }
            }
        }
    }
}

TEST(StripSplit, KeepsItsMeaningAsLabelsAreDropped) {
    const RandomGrid random(4, 5, 4, Kind::uniform, 7);
    const LabelSets all(random.grid), some = some_labels(random.grid, 7);
    const Lines before{Field{random.grid, all}, true}, now{Field{random.grid, some}, true};
    StripSplit split(before, 1.0);
    const auto numbers = normal_numbers(split.nodes.size() + split.edges.size(), 1.0, 3);
    std::copy_n(numbers.begin(), split.nodes.size(), split.nodes.begin());
    std::copy_n(numbers.begin() + split.nodes.size(), split.edges.size(), split.edges.begin());
    const StripSplit fewer = split.retained(before, now, 0.5);
    for (int line = 0; line < now.count(); ++line) {
        for (int pos = 0; pos < now.length(); ++pos) {
            const std::size_t node = now.node(line, pos);
            for (int k = 0; k < some.count(node); ++k) {
                const int a = some.open(node)[k];
                EXPECT_FLOAT_EQ(0.5f * fewer.node(node, some)[k], split.node(node, all)[a]);
                if (pos + 1 == now.length()) continue;
                const std::size_t next = now.node(line, pos + 1);
                for (int l = 0; l < some.count(next); ++l) {
                    const int b = some.open(next)[l];
                    EXPECT_FLOAT_EQ(0.5f * fewer.edge(line, pos)[k * some.count(next) + l],
                                    split.edge(line, pos)[a * 4 + b]);
                }
            }
        }
    }
}

TEST(StripSplit, HasAMultiplierForEveryLabelAndEveryPairAlongALine) {
    const RandomGrid random(3, 4, 3, Kind::uniform, 5);
    const LabelSets sets = some_labels(random.grid, 5);
    for (const bool columns : {false, true}) {
        const Lines lines{Field{random.grid, sets}, columns};
        StripSplit split(lines, 1.0);
        EXPECT_EQ(split.nodes.size(), sets.total());
        const float* end = split.edges.data();
        for (int line = 0; line < lines.count(); ++line) {
            for (int pos = 0; pos + 1 < lines.length(); ++pos) {
                EXPECT_EQ(split.edge(line, pos), end);  // one after the other, none shared
                end += lines.labels(line, pos) * lines.labels(line, pos + 1);
            }
        }
        EXPECT_EQ(split.edges.data() + split.edges.size(), end);
    }
}

#include <gtest/gtest.h>

#include "mrf/dual/certificate.hpp"
#include "tests/mrf/random_grid.hpp"

using namespace metafast::mrf;
using namespace metafast::mrf::testing;

namespace {

StripSplit random_split(const Lines& lines, double size, unsigned seed) {
    StripSplit split(lines, size);
    const auto numbers = normal_numbers(split.nodes.size() + split.edges.size(), 1.0, seed);
    std::copy_n(numbers.begin(), split.nodes.size(), split.nodes.begin());
    std::copy_n(numbers.begin() + split.nodes.size(), split.edges.size(), split.edges.begin());
    return split;
}

// Bound, and bound with each label, against brute force.
void expect_valid(const Grid& grid, const LabelSets& sets, const Certificate& certificate) {
    const double bound = certificate.bound.lower();
    EXPECT_LE(bound, brute_force(grid, sets).upper);
    if (std::isinf(bound)) return;
    std::vector<double> least(sets.total(), kInfinity);
    for_each_labelling(sets, [&](const Labelling& x) {
        const double value = energy(grid, x).upper();
        for (std::size_t node = 0; node < x.size(); ++node) {
            double& best = least[sets.offset(node) + index(sets.position(node, x[node]))];
            best = std::min(best, value);
        }
    });
    for (std::size_t i = 0; i < least.size(); ++i) {
        EXPECT_GE(certificate.min_marginal_excess[i], 0.0);
        const double with_label = bound + certificate.min_marginal_excess[i];
        if (std::isinf(with_label)) {
            EXPECT_EQ(least[i], kInfinity);
        } else {
            const double rounding = 4e-16 * (std::fabs(bound) + certificate.min_marginal_excess[i]);
            EXPECT_LE(with_label - rounding, least[i]);
        }
    }
}

}  // namespace

TEST(Certificate, NeverExceedsTheOptimumWhateverTheMultipliers) {
    metafast::ThreadPool pool(2);
    unsigned seed = 0;
    for (const Kind kind : kAllKinds) {
        for (const double size : {0.0, 1e-9, 1.0, 1e9}) {
            const RandomGrid random(3, 3, 2, kind, ++seed);
            for (const LabelSets& sets :
                 {LabelSets(random.grid), some_labels(random.grid, seed)}) {
                const Field field{random.grid, sets};
                const auto multipliers = normal_numbers(sets.total(), size, seed);
                expect_valid(random.grid, sets, certify_chains(field, multipliers, pool, {true}));
                for (const bool columns : {false, true}) {
                    const Lines lines{field, columns};
                    const StripSplit split = random_split(lines, std::max(size, 1e-30), seed);
                    for (const int width : {2, 3}) {
                        expect_valid(random.grid, sets,
                                     certify_strips({lines, width}, split, pool, {true}));
                    }
                }
            }
        }
    }
}

TEST(Certificate, MultipliersThatAreNoNumbersCountAsNone) {
    const RandomGrid random(3, 3, 2, Kind::uniform, 1);
    metafast::ThreadPool pool(1);
    const LabelSets sets(random.grid);
    const Field field{random.grid, sets};
    const Lines lines{field, false};
    for (const double wrong : {kInfinity, -kInfinity, std::nan(""), 1e308}) {
        std::vector<double> multipliers(sets.total(), wrong);
        expect_valid(random.grid, sets, certify_chains(field, multipliers, pool, {true}));
        StripSplit split(lines, 1.0);
        std::fill(split.nodes.begin(), split.nodes.end(), static_cast<float>(wrong));
        std::fill(split.edges.begin(), split.edges.end(), static_cast<float>(wrong));
        expect_valid(random.grid, sets, certify_strips({lines, 2}, split, pool, {true}));
    }
}

TEST(Certificate, ProvesInfeasibility) {
    RandomGrid random(3, 3, 2, Kind::uniform, 1);
    for (int i = 0; i < 4; ++i) random.horizontal[i] = kInfinity;
    metafast::ThreadPool pool(1);
    const LabelSets sets(random.grid);
    const Field field{random.grid, sets};
    const std::vector<double> zero(random.unary.size());
    EXPECT_EQ(certify_chains(field, zero, pool, {}).bound.lower(), kInfinity);
    for (const bool columns : {false, true}) {
        const Lines lines{field, columns};
        const StripSplit none(lines, 1.0);
        EXPECT_EQ(certify_strips({lines, 2}, none, pool, {}).bound.lower(), kInfinity);
    }
}

TEST(Certificate, LargeCostsOfUnusedLabelsDoNotEnterTheMargin) {
    RandomGrid random(5, 6, 3, Kind::uniform, 4);
    for (std::size_t node = 0; node < random.grid.nodes(); ++node) {
        random.unary[node * 3 + node % 3] = 1e16;
    }
    metafast::ThreadPool pool(1);
    const LabelSets sets(random.grid);
    const Field field{random.grid, sets};
    const std::vector<double> zero(random.unary.size());
    EXPECT_LT(certify_chains(field, zero, pool, {}).margin, 1e-11);
    const Lines lines{field, false};
    EXPECT_LT(certify_strips({lines, 2}, StripSplit(lines, 1.0), pool, {}).margin, 1e-11);
}

TEST(Certificate, IsVoidOnceAskedToStop) {
    const RandomGrid random(5, 6, 3, Kind::uniform, 4);
    metafast::ThreadPool pool(2);
    const LabelSets sets(random.grid);
    const Field field{random.grid, sets};
    const std::vector<double> zero(random.unary.size());
    const CertifyOptions options{true, [] { return true; }};
    const Lines lines{field, false};
    const StripSplit none(lines, 1.0);
    for (const Certificate& c : {certify_chains(field, zero, pool, options),
                                 certify_strips({lines, 2}, none, pool, options)}) {
        EXPECT_EQ(c.bound.lower(), -kInfinity);
        EXPECT_TRUE(c.min_marginal_excess.empty());
    }
}

TEST(Certificate, IsTightOnSeparableGrids) {
    RandomGrid random(4, 5, 3, Kind::uniform, 2);
    for (double& cost : random.horizontal) cost = 0.0;
    for (double& cost : random.vertical) cost = 0.0;
    metafast::ThreadPool pool(1);
    const LabelSets sets(random.grid);
    const Field field{random.grid, sets};
    double best = 0.0;
    for (std::size_t node = 0; node < random.grid.nodes(); ++node) {
        best += *std::min_element(&random.unary[node * 3], &random.unary[node * 3] + 3);
    }
    const Certificate chains =
        certify_chains(field, std::vector<double>(random.unary.size()), pool, {});
    EXPECT_NEAR(chains.bound.lower(), best, 1e-13);
    EXPECT_LT(chains.margin, 1e-12);
    const Lines lines{field, true};
    const StripSplit none(lines, 1.0);
    EXPECT_NEAR(certify_strips({lines, 2}, none, pool, {}).bound.lower(), best, 1e-13);
}

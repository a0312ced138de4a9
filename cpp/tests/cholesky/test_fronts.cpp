// The fronts' rows hold the fill of a plain symbolic factorisation, and units cut the tree in two.
#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "cholesky/fronts.hpp"
#include "tests/cholesky/example.hpp"

namespace metafast::cholesky {
namespace {

Fronts fronts_of(const Example& example, const PixelRows& matrix, std::int32_t unit, int threads) {
    ThreadPool pool(threads);
    return {matrix, example.start.data(), example.parent.data(),
            static_cast<std::int32_t>(example.parent.size()), unit, pool};
}

TEST(Fronts, RowsHoldAllFillAndRise) {
    const Example example(8, 9, 1);
    const PixelRows matrix(example.grid(), example.order.data(), example.n);
    std::vector<std::set<std::int32_t>> later(example.n);
    for (std::int32_t k = 0; k < example.n; ++k) {
        matrix.upper(k, [&](std::int32_t m, double) {
            if (m > k) later[k].insert(m);
        });
    }
    for (auto& column : later) {  // elimination joins all later neighbours
        for (auto first = column.begin(); first != column.end(); ++first) {
            later[*first].insert(std::next(first), column.end());
        }
    }
    const Fronts fronts = fronts_of(example, matrix, 50, 2);
    for (std::size_t f = 0; f < example.parent.size(); ++f) {
        const Front& front = fronts[static_cast<std::int32_t>(f)];
        const std::set<std::int32_t> rows(front.rows, front.rows + front.updates);
        EXPECT_TRUE(std::is_sorted(front.rows, front.rows + front.updates));
        EXPECT_EQ(static_cast<std::int32_t>(rows.size()), front.updates);
        for (std::int32_t k = front.start; k < front.stop; ++k) {
            for (const std::int32_t m : later[k]) EXPECT_TRUE(m < front.stop || rows.count(m));
        }
    }
}

TEST(Fronts, UnitsAndTheTopPartitionTheTree) {
    const Example example(12, 10, 2);
    const PixelRows matrix(example.grid(), example.order.data(), example.n);
    for (const std::int32_t unit : {1, 20, 60, 1000000}) {
        const Fronts fronts = fronts_of(example, matrix, unit, 1);
        std::vector<int> times(example.parent.size(), 0);
        for (const std::int32_t f : fronts.top()) ++times[f];
        for (const std::int32_t root : fronts.units()) {
            for (std::int32_t f = fronts.first(root); f <= root; ++f) ++times[f];
            EXPECT_LE(fronts[root].stop - fronts[fronts.first(root)].start, unit);
        }
        EXPECT_EQ(times, std::vector<int>(times.size(), 1));
        EXPECT_TRUE(std::is_sorted(fronts.top().begin(), fronts.top().end()));
    }
}

TEST(Fronts, DoNotDependOnUnitsOrThreads) {
    const Example example(12, 10, 3);
    const PixelRows matrix(example.grid(), example.order.data(), example.n);
    const Fronts one = fronts_of(example, matrix, 1000000, 1);
    for (const auto& [unit, threads] : {std::pair{30, 3}, {1, 2}}) {
        const Fronts other = fronts_of(example, matrix, unit, threads);
        for (std::size_t i = 0; i < example.parent.size(); ++i) {
            const auto f = static_cast<std::int32_t>(i);
            ASSERT_EQ(one[f].updates, other[f].updates);
            EXPECT_TRUE(std::equal(one[f].rows, one[f].rows + one[f].updates, other[f].rows));
        }
        EXPECT_EQ(one.operations(), other.operations());
    }
}

TEST(Fronts, CountWhatTheColumnsHold) {
    const Example example(6, 7, 4);
    const PixelRows matrix(example.grid(), example.order.data(), example.n);
    const Fronts fronts = fronts_of(example, matrix, 40, 1);
    std::int64_t entries = 0;
    const auto last = static_cast<std::int32_t>(example.parent.size()) - 1;
    for (std::int32_t f = 0; f <= last; ++f) {
        EXPECT_EQ(fronts[f].size(), fronts[f].pivots() + fronts[f].updates);
        entries += static_cast<std::int64_t>(fronts[f].size()) * fronts[f].pivots();
    }
    EXPECT_EQ(fronts.entries(0, last), entries);
    EXPECT_GT(fronts.bytes(), 0);
    // A dense matrix of this size would take n^3 / 3 operations.
    EXPECT_LE(fronts.operations(), 2.0 * example.n * example.n * example.n);
}

}  // namespace
}  // namespace metafast::cholesky

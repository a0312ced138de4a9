// What a child passes on arrives where its rows are in the parent, whichever way it was kept.
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "cholesky/passing.hpp"

namespace metafast::cholesky {
namespace {

constexpr int kPivots = 4, kUpdates = 5, kSize = kPivots + kUpdates;

struct Parent {
    std::vector<double> columns = std::vector<double>(kSize * kPivots, 0.0);
    std::vector<double> update = std::vector<double>(kUpdates * kUpdates, 0.0);
    Dense dense() { return {kPivots, kUpdates, columns.data(), update.data()}; }
    double at(int r, int c) const {
        return c < kPivots ? columns[c * kSize + r] : update[(c - kPivots) * kUpdates + r - kPivots];
    }
};

Front child_of(int updates) {
    Front child{};
    child.updates = updates;
    return child;
}

// A lower triangle with rows of its own in every entry; above the diagonal nobody may look.
std::vector<double> triangle(int size) {
    std::vector<double> values(size * size, std::nan(""));
    for (int c = 0; c < size; ++c) {
        for (int r = c; r < size; ++r) values[c * size + r] = 10.0 * r + c + 1.0;
    }
    return values;
}

TEST(Passing, AddsAChildsSchurComplementWhereItsRowsAre) {
    const int size = 4;
    const std::int32_t place[size] = {1, 3, 5, 8};
    const auto values = triangle(size);
    for (const Kept kept : {Kept::square, Kept::packed}) {
        const Slab small = packed(values.data(), size);
        const double* from = kept == Kept::square ? values.data() : small.data();
        Parent parent;
        extend(child_of(size), from, kept, place, parent.dense());
        extend(child_of(size), from, kept, place, parent.dense());  // adds, does not overwrite
        for (int c = 0; c < kSize; ++c) {
            for (int r = c; r < kSize; ++r) {
                double expected = 0.0;
                for (int a = 0; a < size; ++a) {
                    for (int b = 0; b <= a; ++b) {
                        if (place[a] == r && place[b] == c) expected = 2.0 * values[b * size + a];
                    }
                }
                EXPECT_EQ(parent.at(r, c), expected);
            }
        }
    }
}

TEST(Passing, PacksALowerTriangleColumnByColumn) {
    for (int size = 1; size < 9; ++size) {
        const auto values = triangle(size);
        const Slab small = packed(values.data(), size);
        EXPECT_EQ(small.size(), static_cast<std::size_t>(size * (size + 1) / 2));
        for (int c = 0; c < size; ++c) {
            for (int r = c; r < size; ++r) {
                EXPECT_EQ(small.data()[column_start(c, size, Kept::packed) + r],
                          values[column_start(c, size, Kept::square) + r]);
            }
        }
    }
}

TEST(Passing, AddsLoadsToPivotsAndToWhatIsPassedOn) {
    Front parent{};
    parent.start = 10, parent.stop = 10 + kPivots;
    parent.updates = kUpdates;
    const std::int32_t place[3] = {0, 3, 6};
    for (const int k : {0, 1, 2}) {
        std::vector<double> x(20 * std::max(k, 1), 1.0), load(kUpdates * std::max(k, 1), 2.0);
        std::vector<double> passed;
        for (int i = 0; i < 3 * k; ++i) passed.push_back(100.0 + i);
        add_load(parent, child_of(3), place, passed.data(), k, x.data(), load.data());
        double sum = 0.0;
        for (const double value : x) sum += value - 1.0;
        for (const double value : load) sum += value - 2.0;
        double expected = 0.0;
        for (const double value : passed) expected += value;
        EXPECT_EQ(sum, expected);
        for (int column = 0; column < k; ++column) {
            EXPECT_EQ(x[10 * k + column], 1.0 + passed[column]);
            EXPECT_EQ(x[13 * k + column], 1.0 + passed[k + column]);
            EXPECT_EQ(load[(6 - kPivots) * k + column], 2.0 + passed[2 * k + column]);
        }
    }
}

TEST(Passing, ZeroesTheLowerTrianglesAndLeavesTheUpper) {
    Parent parent;
    std::fill(parent.columns.begin(), parent.columns.end(), 7.0);
    std::fill(parent.update.begin(), parent.update.end(), 7.0);
    zero_lower(parent.dense());
    for (int c = 0; c < kPivots; ++c) {
        for (int r = 0; r < kSize; ++r) EXPECT_EQ(parent.columns[c * kSize + r], r < c ? 7.0 : 0.0);
    }
    for (int c = 0; c < kUpdates; ++c) {
        for (int r = 0; r < kUpdates; ++r) {
            EXPECT_EQ(parent.update[c * kUpdates + r], r < c ? 7.0 : 0.0);
        }
    }
}

}  // namespace
}  // namespace metafast::cholesky

#include <gtest/gtest.h>

#include <numeric>

#include "mrf/model/grid.hpp"

using namespace metafast::mrf;

namespace {

// Tables in which every entry is its own index, so that a wrong stride shows.
std::vector<double> counted(std::size_t size) {
    std::vector<double> entries(size);
    std::iota(entries.begin(), entries.end(), 0.0);
    return entries;
}

}  // namespace

TEST(Grid, DenseTablesAreReadInCOrder) {
    const int rows = 3, cols = 4, labels = 2;
    const auto unary = counted(rows * cols * labels);
    const auto horizontal = counted(rows * (cols - 1) * labels * labels);
    const auto vertical = counted((rows - 1) * cols * labels * labels);
    const Grid grid =
        dense_grid(rows, cols, labels, unary.data(), horizontal.data(), vertical.data());
    double next_unary = 0.0, next_horizontal = 0.0, next_vertical = 0.0;
    for (int r = 0; r < rows; ++r) {
        for (int c = 0; c < cols; ++c) {
            for (int k = 0; k < labels; ++k) EXPECT_EQ(grid.unary.at(r, c, k), next_unary++);
            for (std::size_t i = 0; i < grid.pairs(); ++i) {
                if (c + 1 < cols) {
                    EXPECT_EQ(grid.horizontal.at(r, c, i), next_horizontal++);
                }
                if (r + 1 < rows) {
                    EXPECT_EQ(grid.vertical.at(r, c, i), next_vertical++);
                }
            }
        }
    }
    EXPECT_EQ(next_horizontal, static_cast<double>(grid.horizontal_edges() * grid.pairs()));
    EXPECT_EQ(next_vertical, static_cast<double>(grid.vertical_edges() * grid.pairs()));
}

TEST(Grid, NodesAreNumberedRowByRow) {
    Grid grid;
    grid.rows = 3, grid.cols = 5;
    std::size_t next = 0;
    for (int r = 0; r < grid.rows; ++r) {
        for (int c = 0; c < grid.cols; ++c) EXPECT_EQ(grid.node(r, c), next++);
    }
    EXPECT_EQ(grid.nodes(), next);
}

TEST(Grid, TablesMayBeFloat32WithGapsOrShared) {
    const std::vector<float> numbers = {0.5f, 1.5f, -1.0f, 2.5f, 3.5f, -1.0f};
    const Tables gaps{numbers.data(), true, 3, 3};
    EXPECT_EQ(gaps.at(1, 0, 1), 3.5);
    const Tables shared{numbers.data(), true, 0, 0};
    EXPECT_EQ(shared.at(7, 9, 3), 2.5);
}

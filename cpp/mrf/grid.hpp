// A Markov random field on a 4-connected grid, minimised (paper section 5.1).
//
//   E(x) = sum unary[r, c, x(r,c)] + sum horizontal[r, c, x(r,c), x(r,c+1)]
//                                  + sum vertical[r, c, x(r,c), x(r+1,c)]
//
//   unary       (rows, cols, labels)
//   horizontal  (rows, cols-1, labels, labels)
//   vertical    (rows-1, cols, labels, labels)
//
// All float64, C order, no NaN, no -inf; +inf forbids. Node (r, c) has index r*cols + c.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace metafast::mrf {

using Label = std::uint16_t;
using Labelling = std::vector<Label>;  // (rows * cols)

struct Grid {
    int rows = 0;
    int cols = 0;
    int labels = 0;
    const double* unary = nullptr;
    const double* horizontal = nullptr;
    const double* vertical = nullptr;

    std::size_t nodes() const { return static_cast<std::size_t>(rows) * cols; }
    std::size_t pairs() const { return static_cast<std::size_t>(labels) * labels; }
    std::size_t horizontal_edges() const { return static_cast<std::size_t>(rows) * (cols - 1); }
    std::size_t vertical_edges() const { return static_cast<std::size_t>(rows - 1) * cols; }
};

// The grid seen as parallel lines: its rows, or its columns. Edge tables run from the earlier to the
// later node in both directions, so turning the view needs no transposed copy.
//
//        pos 0    pos 1
//   line 0  o--along--o        along[a, b]:  a at (line, pos), b at (line, pos+1)
//           |across               across[a, b]: a at (line, pos), b at (line+1, pos)
//   line 1  o---------o
struct Lines {
    const Grid& grid;
    bool columns;

    int count() const { return columns ? grid.cols : grid.rows; }
    int length() const { return columns ? grid.rows : grid.cols; }
    std::size_t node(int line, int pos) const {
        return columns ? static_cast<std::size_t>(pos) * grid.cols + line
                       : static_cast<std::size_t>(line) * grid.cols + pos;
    }
    const double* unary(int line, int pos) const {
        return grid.unary + node(line, pos) * grid.labels;
    }
    const double* along(int line, int pos) const {
        return columns ? vertical(pos, line) : horizontal(line, pos);
    }
    const double* across(int line, int pos) const {
        return columns ? horizontal(pos, line) : vertical(line, pos);
    }

private:
    const double* horizontal(int r, int c) const {
        return grid.horizontal +
               (static_cast<std::size_t>(r) * (grid.cols - 1) + c) * grid.pairs();
    }
    const double* vertical(int r, int c) const {
        return grid.vertical + (static_cast<std::size_t>(r) * grid.cols + c) * grid.pairs();
    }
};

}  // namespace metafast::mrf

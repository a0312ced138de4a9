// A Markov random field on a 4-connected grid, minimised (paper section 5.1).
//
//   E(x) = sum unary[r, c, x(r,c)] + sum horizontal[r, c, x(r,c), x(r,c+1)]
//                                  + sum vertical[r, c, x(r,c), x(r+1,c)]
//
//   unary       (rows, cols, labels)
//   horizontal  (rows, cols-1, labels, labels)
//   vertical    (rows-1, cols, labels, labels)
//
// float64 or float32, no NaN, no -inf; +inf forbids. Node (r, c) has index r*cols + c.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace metafast::mrf {

using Label = std::uint16_t;
using Labelling = std::vector<Label>;  // (rows * cols)

// One table at every place of a grid. Each table is contiguous; places may share one (stride 0).
struct Tables {
    const void* data = nullptr;
    bool single = false;                            // float32
    std::ptrdiff_t row_stride = 0, col_stride = 0;  // entries from one place to the next

    std::ptrdiff_t begin(int r, int c) const { return r * row_stride + c * col_stride; }
    double at(int r, int c, std::size_t entry) const {
        const std::ptrdiff_t i = begin(r, c) + static_cast<std::ptrdiff_t>(entry);
        return single ? static_cast<const float*>(data)[i] : static_cast<const double*>(data)[i];
    }
};

struct Grid {
    int rows = 0;
    int cols = 0;
    int labels = 0;
    Tables unary, horizontal, vertical;

    std::size_t nodes() const { return static_cast<std::size_t>(rows) * cols; }
    std::size_t node(int r, int c) const { return static_cast<std::size_t>(r) * cols + c; }
    std::size_t pairs() const { return static_cast<std::size_t>(labels) * labels; }
    std::size_t horizontal_edges() const { return static_cast<std::size_t>(rows) * (cols - 1); }
    std::size_t vertical_edges() const { return static_cast<std::size_t>(rows - 1) * cols; }
};

// A grid over three C-ordered float64 arrays without gaps.
inline Grid dense_grid(int rows, int cols, int labels, const double* unary,
                       const double* horizontal, const double* vertical) {
    const std::ptrdiff_t k = labels, pairs = k * k;
    return {rows,
            cols,
            labels,
            {unary, false, cols * k, k},
            {horizontal, false, (cols - 1) * pairs, pairs},
            {vertical, false, cols * pairs, pairs}};
}

}  // namespace metafast::mrf

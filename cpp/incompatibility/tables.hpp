// Incompatibility tables over all neighbouring pairs of candidates on a grid.
//
//   candidates  (rows, cols, labels)         int64, index of a cell
//   cells       (count, side, side)          uint8 0/1, row 0 is the top
//   tractions   (count, 4, 3, side, 2)       float64; sides (left, right, bottom, top), outward
//   horizontal  (rows, cols-1, labels, labels)   out: [a at (r, c), b at (r, c+1)]
//   vertical    (rows-1, cols, labels, labels)   out: [a at (r, c), b at (r+1, c)]
//
// Each entry is geometric_weight * mismatch of solids + mechanical_weight * mismatch of tractions.
// A pair of cells that meets at many places is computed once.
#pragma once

#include <cstdint>
#include <functional>

#include "threads/thread_pool.hpp"

namespace metafast::incompatibility {

struct Candidates {
    int rows, cols, labels;
    const std::int64_t* index;
};

struct Cells {
    std::int64_t count;
    int side;
    const std::uint8_t* pixels;
    const double* tractions;
};

struct Weights {
    double geometric, mechanical;
};

// Which two sides meet, and where: a cell beside its right neighbour, or above its lower one.
enum class Direction { horizontal, vertical };

void fill_table(const Candidates& candidates, const Cells& cells, Weights weights,
                Direction direction, ThreadPool& pool, double* table,
                const std::function<bool()>& should_stop);

}  // namespace metafast::incompatibility

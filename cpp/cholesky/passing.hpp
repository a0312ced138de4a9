// Schur complements and loads that fronts pass on to their parents, and their addition.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "cholesky/dense.hpp"
#include "cholesky/fronts.hpp"
#include "cholesky/slab.hpp"

namespace metafast::cholesky {

// How a Schur complement's lower triangle is kept: with room for the upper one, or column by column.
enum class Kept { square, packed };

// Such that row r >= c of column c is at [r].
inline std::ptrdiff_t column_start(std::ptrdiff_t c, std::ptrdiff_t size, Kept kept) {
    return kept == Kept::square ? c * size : c * size - c * (c + 1) / 2;
}

// Adds a child's Schur complement into its parent's front; place[r] is the row of the child's r-th.
inline void extend(const Front& child, const double* from, Kept kept, const std::int32_t* place,
            const Dense& front) {
    const int p = front.pivots, n = front.size(), u = front.updates;
    for (std::int32_t c = 0; c < child.updates; ++c) {
        const std::int32_t column = place[c];
        const double* source = from + column_start(c, child.updates, kept);
        double* target = column < p
                             ? front.columns + static_cast<std::ptrdiff_t>(column) * n
                             : front.update + static_cast<std::ptrdiff_t>(column - p) * u - p;
        for (std::int32_t r = c; r < child.updates; ++r) target[place[r]] += source[r];
    }
}

// Adds what a child passes on to k right-hand sides of its parent.
inline void add_load(const Front& front, const Front& child, const std::int32_t* place,
              const double* passed, int k, double* x, double* load) {
    for (std::int32_t r = 0; r < child.updates && k > 0; ++r) {
        double* to = place[r] < front.pivots()
                         ? x + static_cast<std::ptrdiff_t>(front.start + place[r]) * k
                         : load + static_cast<std::ptrdiff_t>(place[r] - front.pivots()) * k;
        for (int column = 0; column < k; ++column) to[column] += *passed++;
    }
}

inline Slab packed(const double* update, std::int32_t size) {
    Slab result(static_cast<std::size_t>(size) * (size + 1) / 2);
    double* to = result.data();
    for (std::int32_t c = 0; c < size; ++c) {
        const double* column = update + static_cast<std::ptrdiff_t>(c) * size;
        to = std::copy(column + c, column + size, to);
    }
    return result;
}

// Nothing is read above the diagonal, and memory that is not touched costs nothing.
inline void zero_lower(const Dense& front) {
    const int n = front.size(), u = front.updates;
    for (int c = 0; c < front.pivots; ++c) {
        double* column = front.columns + static_cast<std::ptrdiff_t>(c) * n;
        std::fill(column + c, column + n, 0.0);
    }
    for (int c = 0; c < u; ++c) {
        double* column = front.update + static_cast<std::ptrdiff_t>(c) * u;
        std::fill(column + c, column + u, 0.0);
    }
}

}  // namespace metafast::cholesky

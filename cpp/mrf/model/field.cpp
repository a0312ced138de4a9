#include "mrf/model/field.hpp"

#include <algorithm>
#include <cmath>

namespace metafast::mrf {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// out[i, j] = table[rows[i], cols[j]]
template <class T>
void gather(const T* table, std::size_t stride, const Label* rows, int m, const Label* cols, int n,
            double* out) {
    for (int i = 0; i < m; ++i) {
        const T* row = table + rows[i] * stride;
        for (int j = 0; j < n; ++j) *out++ = static_cast<double>(row[cols[j]]);
    }
}

}  // namespace

bool Field::verbatim(const Tables& tables) const {
    return sets.full() && !tables.single && excess == kInfinity && penalty == kInfinity;
}

const double* Field::changed(double* room, std::size_t count) const {
    if (excess < kInfinity) {
        const double least = *std::min_element(room, room + count);
        for (std::size_t i = 0; i < count; ++i) {
            if (room[i] - least > excess) room[i] = kInfinity;
        }
    }
    if (penalty < kInfinity) {
        for (std::size_t i = 0; i < count; ++i) {
            if (std::isinf(room[i])) room[i] = penalty;
        }
    }
    return room;
}

const double* Field::unary(int r, int c, double* room) const {
    const Tables& tables = grid.unary;
    if (verbatim(tables)) return static_cast<const double*>(tables.data) + tables.begin(r, c);
    const std::size_t node = grid.node(r, c);
    const Label* open = sets.at(node);
    for (int k = 0; k < count(node); ++k) room[k] = tables.at(r, c, open[k]);
    return changed(room, count(node));
}

const double* Field::horizontal(int r, int c, double* room) const {
    return pairs(grid.horizontal, r, c, grid.node(r, c), grid.node(r, c + 1), room);
}

const double* Field::vertical(int r, int c, double* room) const {
    return pairs(grid.vertical, r, c, grid.node(r, c), grid.node(r + 1, c), room);
}

const double* Field::pairs(const Tables& tables, int r, int c, std::size_t a, std::size_t b,
                           double* room) const {
    const std::ptrdiff_t begin = tables.begin(r, c);
    if (verbatim(tables)) return static_cast<const double*>(tables.data) + begin;
    const int m = count(a), n = count(b);
    const std::size_t stride = grid.labels;
    if (tables.single) {
        gather(static_cast<const float*>(tables.data) + begin, stride, sets.at(a), m, sets.at(b), n,
               room);
    } else {
        gather(static_cast<const double*>(tables.data) + begin, stride, sets.at(a), m, sets.at(b),
               n, room);
    }
    return changed(room, static_cast<std::size_t>(m) * n);
}

}  // namespace metafast::mrf

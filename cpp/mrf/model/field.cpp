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
    return sets.full() && !tables.single && cutoff == kInfinity && penalty == kInfinity;
}

const double* Field::changed(double* scratch, std::size_t count) const {
    if (cutoff < kInfinity) {
        const double least = *std::min_element(scratch, scratch + count);
        for (std::size_t i = 0; i < count; ++i) {
            if (scratch[i] - least > cutoff) scratch[i] = kInfinity;
        }
    }
    if (penalty < kInfinity) {
        for (std::size_t i = 0; i < count; ++i) {
            if (std::isinf(scratch[i])) scratch[i] = penalty;
        }
    }
    return scratch;
}

const double* Field::unary(int r, int c, double* scratch) const {
    const Tables& tables = grid.unary;
    if (verbatim(tables)) return static_cast<const double*>(tables.data) + tables.begin(r, c);
    const std::size_t node = grid.node(r, c);
    const Label* open = sets.open(node);
    for (int k = 0; k < count(node); ++k) scratch[k] = tables.at(r, c, open[k]);
    return changed(scratch, count(node));
}

const double* Field::horizontal(int r, int c, double* scratch) const {
    return pairs(grid.horizontal, r, c, grid.node(r, c), grid.node(r, c + 1), scratch);
}

const double* Field::vertical(int r, int c, double* scratch) const {
    return pairs(grid.vertical, r, c, grid.node(r, c), grid.node(r + 1, c), scratch);
}

const double* Field::pairs(const Tables& tables, int r, int c, std::size_t a, std::size_t b,
                           double* scratch) const {
    const std::ptrdiff_t begin = tables.begin(r, c);
    if (verbatim(tables)) return static_cast<const double*>(tables.data) + begin;
    const int m = count(a), n = count(b);
    const std::size_t stride = grid.labels;
    const Label *rows = sets.open(a), *cols = sets.open(b);
    if (tables.single) {
        gather(static_cast<const float*>(tables.data) + begin, stride, rows, m, cols, n, scratch);
    } else {
        gather(static_cast<const double*>(tables.data) + begin, stride, rows, m, cols, n, scratch);
    }
    return changed(scratch, static_cast<std::size_t>(m) * n);
}

}  // namespace metafast::mrf

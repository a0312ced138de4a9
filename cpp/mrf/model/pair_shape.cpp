#include "mrf/model/pair_shape.hpp"

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <cstring>

namespace metafast::mrf {

namespace {

// Calls visit(table entries of one place, in the tables' own type) for every distinct place until
// it returns false; returns whether it never did.
template <class T, class Visit>
bool all_tables(const Tables& tables, int rows, int cols, Visit visit) {
    const int distinct_rows = tables.row_stride == 0 ? std::min(rows, 1) : rows;
    const int distinct_cols = tables.col_stride == 0 ? std::min(cols, 1) : cols;
    for (int r = 0; r < distinct_rows; ++r) {
        for (int c = 0; c < distinct_cols; ++c) {
            if (!visit(static_cast<const T*>(tables.data) + tables.begin(r, c))) return false;
        }
    }
    return true;
}

template <class T>
PairShape shape_of(const Tables& tables, int rows, int cols, int labels, bool full) {
    const std::size_t pairs = static_cast<std::size_t>(labels) * labels;
    std::vector<double> scratch(pairs);
    const bool linear = all_tables<T>(tables, rows, cols, [&](const T* table) {
        std::copy_n(table, pairs, scratch.begin());
        return truncated_linear(scratch.data(), labels).has_value();
    });
    if (linear) return PairShape::linear;
    const T* first = static_cast<const T*>(tables.data) + tables.begin(0, 0);
    const bool shared = full && all_tables<T>(tables, rows, cols, [&](const T* table) {
        return std::memcmp(table, first, pairs * sizeof(T)) == 0;
    });
    return shared ? PairShape::shared : PairShape::own;
}

}  // namespace

std::optional<TruncatedLinear> truncated_linear(const double* table, int labels) {
    const double base = table[0];
    if (labels == 1 && !std::isinf(base)) return TruncatedLinear{base};
    if (labels == 1) return {};
    const TruncatedLinear shape{base, table[1] - base, table[labels - 1] - base};
    if (!(shape.weight >= 0.0 && shape.limit >= 0.0) || std::isinf(shape.limit)) return {};
    const double tolerance = FLT_EPSILON * shape.limit;
    for (int a = 0; a < labels; ++a) {
        for (int b = 0; b < labels; ++b) {
            const double expected = std::min(shape.weight * std::abs(a - b), shape.limit);
            const double difference = table[a * static_cast<std::size_t>(labels) + b] - base;
            if (!(std::fabs(difference - expected) <= tolerance)) return {};
        }
    }
    return shape;
}

TruncatedLinear linear_at(const Lines& lines, bool across, int line, int pos) {
    const Grid& grid = lines.grid();
    const Tables& tables = lines.columns != across ? grid.vertical : grid.horizontal;
    const int r = lines.columns ? pos : line, c = lines.columns ? line : pos;
    const double base = tables.at(r, c, 0);
    if (grid.labels == 1) return {base};
    return {base, tables.at(r, c, 1) - base, tables.at(r, c, grid.labels - 1) - base};
}

PairShape pair_shape(const Lines& lines, bool across) {
    const Field& field = lines.field;
    if (field.cutoff < kNoCutoff) return PairShape::own;
    const Grid& grid = field.grid;
    const bool vertical = lines.columns != across;
    const Tables& tables = vertical ? grid.vertical : grid.horizontal;
    const int rows = vertical ? grid.rows - 1 : grid.rows;
    const int cols = vertical ? grid.cols : grid.cols - 1;
    if (rows == 0 || cols == 0) return PairShape::own;
    const auto shape = tables.single ? shape_of<float> : shape_of<double>;
    return shape(tables, rows, cols, grid.labels, field.sets.full());
}

}  // namespace metafast::mrf

#include "cholesky/dense.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace metafast::cholesky {

namespace {

constexpr double kOne = 1.0, kMinus = -1.0;
constexpr int kTile = 256;        // rows and columns of a tile
constexpr int kSmall = 160, kSmallPivots = 48;  // rows and pivots where BLAS does not pay
constexpr int kWorthTiles = 384;  // smaller fronts are done by the calling thread alone

struct Range {
    int first, count;
};

std::vector<Range> tiles(int first, int last) {
    std::vector<Range> parts;
    for (int at = first; at < last; at += kTile) parts.push_back({at, std::min(kTile, last - at)});
    return parts;
}

// Lower triangle of a block on the diagonal, before it is factorised in place.
std::vector<double> copied(const double* block, int size, int ld) {
    std::vector<double> copy(static_cast<std::size_t>(size) * size);
    for (int c = 0; c < size; ++c) {
        const double* column = block + static_cast<std::ptrdiff_t>(c) * ld;
        std::copy(column + c, column + size, copy.data() + static_cast<std::ptrdiff_t>(c) * size + c);
    }
    return copy;
}

// L S L^T of a block on the diagonal, column by column. Returns the number of a pivot without sign.
int factorise_with_signs(double* block, int size, int ld, std::int8_t* signs) {
    for (int k = 0; k < size; ++k) {
        double* column = block + static_cast<std::ptrdiff_t>(k) * ld;
        const double pivot = column[k];
        signs[k] = pivot < 0.0 ? -1 : 1;
        const double sign = signs[k];
        if (!(sign * pivot > 0.0)) return k + 1;
        column[k] = std::sqrt(sign * pivot);
        for (int row = k + 1; row < size; ++row) column[row] *= sign / column[k];
        for (int c = k + 1; c < size; ++c) {
            double* later = block + static_cast<std::ptrdiff_t>(c) * ld;
            const double factor = sign * column[c];
            for (int row = c; row < size; ++row) later[row] -= factor * column[row];
        }
    }
    return 0;
}

// A block on the diagonal: Cholesky, and only where that fails L S L^T.
int factorise(const Blas& blas, double* block, int size, int ld, std::int8_t* signs) {
    const std::vector<double> before = signs ? copied(block, size, ld) : std::vector<double>();
    int info = 0;
    blas.potrf("L", &size, block, &ld, &info);
    if (!signs) return info;
    std::fill(signs, signs + size, std::int8_t{1});
    if (info == 0) return 0;
    for (int c = 0; c < size; ++c) {
        const double* from = before.data() + static_cast<std::ptrdiff_t>(c) * size;
        std::copy(from + c, from + size, block + static_cast<std::ptrdiff_t>(c) * ld + c);
    }
    return factorise_with_signs(block, size, ld, signs);
}

bool has_negative(const std::int8_t* signs, int count) {
    return signs && std::any_of(signs, signs + count, [](std::int8_t sign) { return sign < 0; });
}

void apply_signs(const std::int8_t* signs, double* columns, int rows, int count, int ld) {
    for (int k = 0; k < count; ++k) {
        if (signs[k] > 0) continue;
        double* column = columns + static_cast<std::ptrdiff_t>(k) * ld;
        for (int row = 0; row < rows; ++row) column[row] = -column[row];
    }
}

// Rows of L S: `rows` of them, from `from` on, in the first `count` pivot columns.
std::vector<double> signed_rows(const Dense& front, const double* from, int rows, int count) {
    std::vector<double> copy(static_cast<std::size_t>(rows) * count);
    for (int k = 0; k < count; ++k) {
        const double* column = from + static_cast<std::ptrdiff_t>(k) * front.size();
        std::copy(column, column + rows, copy.data() + static_cast<std::ptrdiff_t>(k) * rows);
    }
    apply_signs(front.signs, copy.data(), rows, count, rows);
    return copy;
}

}  // namespace

int eliminate(const Blas& blas, const Dense& front) {
    const int p = front.pivots, u = front.updates, n = front.size();
    if (p <= kSmallPivots && n <= kSmall) return eliminate_small(front);
    const int info = factorise(blas, front.columns, p, n, front.signs);
    if (info != 0 || u == 0) return info;
    double* below = front.columns + p;
    blas.trsm("R", "L", "T", "N", &u, &p, &kOne, front.columns, &n, below, &n);
    if (has_negative(front.signs, p)) {
        apply_signs(front.signs, below, u, p, n);
        const std::vector<double> other = signed_rows(front, below, u, p);
        blas.gemm("N", "T", &u, &u, &p, &kMinus, below, &n, other.data(), &u, &kOne, front.update,
                  &u);
    } else {
        blas.syrk("L", "N", &u, &p, &kMinus, below, &n, &kOne, front.update, &u);
    }
    return 0;
}

int eliminate(const Blas& blas, const Dense& front, ThreadPool& pool,
              const std::function<bool()>& stop) {
    const int p = front.pivots, u = front.updates, n = front.size();
    if (n < kWorthTiles) return eliminate(blas, front);
    double* a = front.columns;
    const auto at = [&](int row, int column) {
        return a + static_cast<std::ptrdiff_t>(column) * n + row;
    };
    // Left-looking: a block column takes what all earlier ones do to it, then is factorised.
    for (const Range block : tiles(0, p)) {
        if (stop && stop()) return kStopped;
        const std::vector<Range> below = tiles(block.first, n);
        if (block.first > 0) {
            const double* other = at(block.first, 0);
            int ld = n;
            std::vector<double> with_signs;
            if (has_negative(front.signs, block.first)) {
                with_signs = signed_rows(front, other, block.count, block.first);
                other = with_signs.data();
                ld = block.count;
            }
            pool.run(static_cast<int>(below.size()), [&](int t, int) {
                const Range rows = below[t];
                blas.gemm("N", "T", &rows.count, &block.count, &block.first, &kMinus,
                          at(rows.first, 0), &n, other, &ld, &kOne, at(rows.first, block.first),
                          &n);
            });
        }
        std::int8_t* signs = front.signs ? front.signs + block.first : nullptr;
        const int info = factorise(blas, at(block.first, block.first), block.count, n, signs);
        if (info != 0) return block.first + info;
        const bool negative = has_negative(signs, block.count);
        const std::vector<Range> rest = tiles(block.first + block.count, n);
        pool.run(static_cast<int>(rest.size()), [&](int t, int) {
            const Range rows = rest[t];
            blas.trsm("R", "L", "T", "N", &rows.count, &block.count, &kOne,
                      at(block.first, block.first), &n, at(rows.first, block.first), &n);
            if (negative) {
                apply_signs(signs, at(rows.first, block.first), rows.count, block.count, n);
            }
        });
    }
    if (stop && stop()) return kStopped;
    const std::vector<Range> parts = tiles(0, u);
    const int side = static_cast<int>(parts.size());
    const bool negative = has_negative(front.signs, p);
    pool.run(side * (side + 1) / 2, [&](int index, int) {
        int i = 0;
        while (index > i) index -= ++i;  // row i of the lower triangle has tiles 0..i
        const Range rows = parts[i], cols = parts[index];
        double* target = front.update + static_cast<std::ptrdiff_t>(cols.first) * u + rows.first;
        if (negative) {
            const std::vector<double> other =
                signed_rows(front, at(p + cols.first, 0), cols.count, p);
            blas.gemm("N", "T", &rows.count, &cols.count, &p, &kMinus, at(p + rows.first, 0), &n,
                      other.data(), &cols.count, &kOne, target, &u);
        } else if (i == index) {
            blas.syrk("L", "N", &rows.count, &p, &kMinus, at(p + rows.first, 0), &n, &kOne, target,
                      &u);
        } else {
            blas.gemm("N", "T", &rows.count, &cols.count, &p, &kMinus, at(p + rows.first, 0), &n,
                      at(p + cols.first, 0), &n, &kOne, target, &u);
        }
    });
    return 0;
}

}  // namespace metafast::cholesky

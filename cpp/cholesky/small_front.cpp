// Small fronts, where a call of BLAS costs more than the arithmetic.
//
// Left-looking, four columns at a time: a vector of rows is loaded once for each earlier column and
// serves four targets. The earlier columns are the finished ones of the front's pivots, so pivot
// columns and the Schur complement are one loop; pivot columns are then solved with the 4 x 4 block
// on the diagonal.
#include <cmath>
#include <cstddef>

#include "cholesky/dense.hpp"
#include "threads/simd.hpp"

namespace metafast::cholesky {

namespace {

constexpr int kWidth = 4;

// Takes sum over k < depth of L[row, k] L[column, k] from target[row, column], for `width` columns
// from `column` on and rows `first` to `last`; the target's columns are `stride` apart.
template <class V, int width>
METAFAST_INLINE int subtract(const double* l, int ld, int depth, int column, int first, int last,
                             double* target, std::ptrdiff_t stride) {
    constexpr int lanes = sizeof(V) / sizeof(double);
    int row = first;
    for (; row + lanes <= last; row += lanes) {
        V sum[width];
        METAFAST_UNROLL
        for (int c = 0; c < width; ++c) sum[c] = load<V>(target + c * stride + row);
        for (int k = 0; k < depth; ++k) {
            const double* earlier = l + static_cast<std::ptrdiff_t>(k) * ld;
            const V own = load<V>(earlier + row);
            METAFAST_UNROLL
            for (int c = 0; c < width; ++c) sum[c] -= own * earlier[column + c];
        }
        METAFAST_UNROLL
        for (int c = 0; c < width; ++c) store(target + c * stride + row, sum[c]);
    }
    return row;
}

template <int bytes, int width>
METAFAST_INLINE void subtract_all(const double* l, int ld, int depth, int column, int last,
                                  double* target, std::ptrdiff_t stride) {
    int row = subtract<typename Vector<bytes>::Double, width>(l, ld, depth, column, column, last,
                                                              target, stride);
    if constexpr (bytes > 16) {
        row = subtract<typename Vector<16>::Double, width>(l, ld, depth, column, row, last, target,
                                                           stride);
    }
    for (; row < last; ++row) {
        for (int c = 0; c < width; ++c) {
            double sum = target[c * stride + row];
            for (int k = 0; k < depth; ++k) {
                const double* earlier = l + static_cast<std::ptrdiff_t>(k) * ld;
                sum -= earlier[row] * earlier[column + c];
            }
            target[c * stride + row] = sum;
        }
    }
}

template <int bytes>
METAFAST_INLINE void subtract_any(const double* l, int ld, int depth, int column, int width,
                                  int last, double* target, std::ptrdiff_t stride) {
    switch (width) {
        case 4: return subtract_all<bytes, 4>(l, ld, depth, column, last, target, stride);
        case 3: return subtract_all<bytes, 3>(l, ld, depth, column, last, target, stride);
        case 2: return subtract_all<bytes, 2>(l, ld, depth, column, last, target, stride);
        default: return subtract_all<bytes, 1>(l, ld, depth, column, last, target, stride);
    }
}

// Finishes `width` pivot columns that have taken what the earlier ones do to them.
METAFAST_INLINE bool finish(double* l, int n, int first, int width, int* failed) {
    for (int c = 0; c < width; ++c) {
        double* column = l + static_cast<std::ptrdiff_t>(first + c) * n;
        const double pivot = column[first + c];
        if (!(pivot > 0.0)) {
            *failed = first + c + 1;
            return false;
        }
        const double root = std::sqrt(pivot), inverse = 1.0 / root;
        column[first + c] = root;
        for (int row = first + c + 1; row < n; ++row) column[row] *= inverse;
        for (int d = c + 1; d < width; ++d) {
            double* later = l + static_cast<std::ptrdiff_t>(first + d) * n;
            const double factor = column[first + d];
            for (int row = first + d; row < n; ++row) later[row] -= factor * column[row];
        }
    }
    return true;
}

template <int bytes>
METAFAST_INLINE void small_front(const Dense& front, int* failed) {
    const int p = front.pivots, n = front.size(), u = front.updates;
    double* l = front.columns;
    for (int j = 0; j < p; j += kWidth) {
        const int width = p - j < kWidth ? p - j : kWidth;
        subtract_any<bytes>(l, n, j, j, width, n, l + static_cast<std::ptrdiff_t>(j) * n, n);
        if (!finish(l, n, j, width, failed)) return;
    }
    for (int j = 0; j < u; j += kWidth) {
        const int width = u - j < kWidth ? u - j : kWidth;
        // row p + r of the front is row r of the Schur complement
        double* target = front.update + static_cast<std::ptrdiff_t>(j) * u - p;
        subtract_any<bytes>(l, n, p, p + j, width, n, target, u);
    }
}

METAFAST_DISPATCH(run, small_front, (const Dense& front, int* failed), (front, failed))

}  // namespace

int eliminate_small(const Dense& front) {
    int failed = 0;
    run(front, &failed);
    return failed;
}

}  // namespace metafast::cholesky

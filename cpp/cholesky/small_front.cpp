// Small fronts, where a call of BLAS costs more than the arithmetic.
//
// Left-looking, four columns at a time: a vector of rows is loaded once for each earlier column and
// serves four targets. The earlier columns are the finished ones of the front's pivots, so pivot
// columns and the Schur complement are one loop; pivot columns are then solved with the 4 x 4 block
// on the diagonal. Signs cost nothing before the first negative pivot.
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "cholesky/dense.hpp"
#include "threads/simd.hpp"

namespace metafast::cholesky {

namespace {

constexpr int kWidth = 4;

// The finished pivot columns: `depth` of them, `ld` apart, and their signs if one is negative.
struct Finished {
    const double* l;
    int ld, depth;
    const std::int8_t* signs;
};

// Takes sum over k < depth of L[row, k] S[k] L[column, k] from target[row, column], for `width`
// columns from `column` on and rows `first` to `last`; the target's columns are `stride` apart.
template <class V, int width, bool with_signs>
METAFAST_INLINE int subtract(const Finished& done, int column, int first, int last, double* target,
                             std::ptrdiff_t stride) {
    constexpr int lanes = sizeof(V) / sizeof(double);
    int row = first;
    for (; row + lanes <= last; row += lanes) {
        V sum[width];
        METAFAST_UNROLL
        for (int c = 0; c < width; ++c) sum[c] = load<V>(target + c * stride + row);
        for (int k = 0; k < done.depth; ++k) {
            const double* earlier = done.l + static_cast<std::ptrdiff_t>(k) * done.ld;
            V own = load<V>(earlier + row);
            if constexpr (with_signs) own *= static_cast<double>(done.signs[k]);
            METAFAST_UNROLL
            for (int c = 0; c < width; ++c) sum[c] -= own * earlier[column + c];
        }
        METAFAST_UNROLL
        for (int c = 0; c < width; ++c) store(target + c * stride + row, sum[c]);
    }
    return row;
}

template <int bytes, int width, bool with_signs>
METAFAST_INLINE void subtract_all(const Finished& done, int column, int last, double* target,
                                  std::ptrdiff_t stride) {
    int row = subtract<typename Vector<bytes>::Double, width, with_signs>(done, column, column,
                                                                          last, target, stride);
    if constexpr (bytes > 16) {
        row = subtract<typename Vector<16>::Double, width, with_signs>(done, column, row, last,
                                                                       target, stride);
    }
    for (; row < last; ++row) {
        for (int c = 0; c < width; ++c) {
            double sum = target[c * stride + row];
            for (int k = 0; k < done.depth; ++k) {
                const double* earlier = done.l + static_cast<std::ptrdiff_t>(k) * done.ld;
                const double sign = with_signs ? done.signs[k] : 1.0;
                sum -= earlier[row] * sign * earlier[column + c];
            }
            target[c * stride + row] = sum;
        }
    }
}

template <int bytes, bool with_signs>
METAFAST_INLINE void subtract_width(const Finished& done, int column, int width, int last,
                                    double* target, std::ptrdiff_t stride) {
    switch (width) {
        case 4: return subtract_all<bytes, 4, with_signs>(done, column, last, target, stride);
        case 3: return subtract_all<bytes, 3, with_signs>(done, column, last, target, stride);
        case 2: return subtract_all<bytes, 2, with_signs>(done, column, last, target, stride);
        default: return subtract_all<bytes, 1, with_signs>(done, column, last, target, stride);
    }
}

template <int bytes>
METAFAST_INLINE void subtract_any(const Finished& done, int column, int width, int last,
                                  double* target, std::ptrdiff_t stride) {
    if (done.signs) return subtract_width<bytes, true>(done, column, width, last, target, stride);
    subtract_width<bytes, false>(done, column, width, last, target, stride);
}

// What has become of the pivots so far.
struct Outcome {
    int failed = 0;
    bool negative = false;
};

// Finishes `width` pivot columns that have taken what the earlier ones do to them.
METAFAST_INLINE bool finish(double* l, int n, int first, int width, std::int8_t* signs,
                            Outcome* outcome) {
    for (int c = 0; c < width; ++c) {
        double* column = l + static_cast<std::ptrdiff_t>(first + c) * n;
        double pivot = column[first + c], sign = 1.0;
        if (signs && pivot < 0.0) {
            pivot = -pivot;
            sign = -1.0;
            outcome->negative = true;
        }
        if (!(pivot > 0.0)) {
            outcome->failed = first + c + 1;
            return false;
        }
        if (signs) signs[first + c] = static_cast<std::int8_t>(sign);
        const double root = std::sqrt(pivot), inverse = sign / root;
        column[first + c] = root;
        for (int row = first + c + 1; row < n; ++row) column[row] *= inverse;
        for (int d = c + 1; d < width; ++d) {
            double* later = l + static_cast<std::ptrdiff_t>(first + d) * n;
            const double factor = sign * column[first + d];
            for (int row = first + d; row < n; ++row) later[row] -= factor * column[row];
        }
    }
    return true;
}

template <int bytes>
METAFAST_INLINE void small_front(const Dense& front, Outcome* outcome) {
    const int p = front.pivots, n = front.size(), u = front.updates;
    double* l = front.columns;
    for (int j = 0; j < p; j += kWidth) {
        const int width = p - j < kWidth ? p - j : kWidth;
        const Finished done{l, n, j, outcome->negative ? front.signs : nullptr};
        subtract_any<bytes>(done, j, width, n, l + static_cast<std::ptrdiff_t>(j) * n, n);
        if (!finish(l, n, j, width, front.signs, outcome)) return;
    }
    const Finished all{l, n, p, outcome->negative ? front.signs : nullptr};
    for (int j = 0; j < u; j += kWidth) {
        const int width = u - j < kWidth ? u - j : kWidth;
        // row p + r of the front is row r of the Schur complement
        double* target = front.update + static_cast<std::ptrdiff_t>(j) * u - p;
        subtract_any<bytes>(all, p + j, width, n, target, u);
    }
}

METAFAST_DISPATCH(run, small_front, (const Dense& front, Outcome* outcome), (front, outcome))

}  // namespace

int eliminate_small(const Dense& front) {
    Outcome outcome;
    run(front, &outcome);
    return outcome.failed;
}

}  // namespace metafast::cholesky

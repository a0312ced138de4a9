#include "mrf/strips/min_plus.hpp"

namespace metafast::mrf {

namespace {

// out[i, j] and back[i, j] from p[k*p_k + i*p_i] and q[k*cols + j]
template <int bytes, bool kBack>
METAFAST_INLINE void min_plus_rows(const double* p, std::size_t p_k, std::size_t p_i,
                                   const double* q, int terms, std::size_t rows, std::size_t cols,
                                   double* out, Position* back) {
    using Kind = DoubleRows<bytes>;
    constexpr std::size_t wide = Vector<bytes>::doubles;
    constexpr int many = 4;
    for (std::size_t i = 0; i < rows; ++i, p += p_i, out += cols, back += kBack ? cols : 0) {
        std::size_t j = 0;
        for (; j + many * wide <= cols; j += many * wide) {
            min_plus_block<Kind, 1, many, kBack>(p, p_k, 0, q + j, cols, wide, terms, out + j, 0,
                                                 back + (kBack ? j : 0));
        }
        while (j < cols && cols >= wide) {  // the last vector overlaps the one before it
            const std::size_t at = j + wide <= cols ? j : cols - wide;
            min_plus_block<Kind, 1, 1, kBack>(p, p_k, 0, q + at, cols, wide, terms, out + at, 0,
                                              back + (kBack ? at : 0));
            j = at + wide;
        }
        for (; j < cols; ++j) {
            double best = p[0] + q[j];
            int from = 0;
            for (int k = 1; k < terms; ++k) {
                const double sum = p[k * p_k] + q[k * cols + j];
                if (sum < best) best = sum, from = k;
            }
            out[j] = best;
            if (kBack) back[j] = Position(from);
        }
    }
}

template <int bytes, bool kBack>
METAFAST_INLINE void replace_kernel(const double* in, const double* table, std::size_t high,
                                    int from, int to, std::size_t low, double* out,
                                    Position* back) {
    if (low == 1) {
        min_plus_rows<bytes, kBack>(in, 1, from, table, from, high, to, out, back);
        return;
    }
    for (std::size_t h = 0; h < high; ++h) {
        const std::size_t begin = h * to * low;
        min_plus_rows<bytes, kBack>(table, to, 1, in + h * from * low, from, to, low, out + begin,
                                    back + (kBack ? begin : 0));
    }
}

template <int bytes>
METAFAST_INLINE void replace_only(const double* in, const double* table, std::size_t high, int from,
                                  int to, std::size_t low, double* out) {
    replace_kernel<bytes, false>(in, table, high, from, to, low, out, nullptr);
}

template <int bytes>
METAFAST_INLINE void replace_with_back(const double* in, const double* table, std::size_t high,
                                       int from, int to, std::size_t low, double* out,
                                       Position* back) {
    replace_kernel<bytes, true>(in, table, high, from, to, low, out, back);
}

METAFAST_DISPATCH(dispatch_only, replace_only,
                  (const double* in, const double* table, std::size_t high, int from, int to,
                   std::size_t low, double* out),
                  (in, table, high, from, to, low, out))
METAFAST_DISPATCH(dispatch_with_back, replace_with_back,
                  (const double* in, const double* table, std::size_t high, int from, int to,
                   std::size_t low, double* out, Position* back),
                  (in, table, high, from, to, low, out, back))

}  // namespace

void replace_label(const double* in, const double* table, std::size_t high, int from, int to,
                   std::size_t low, double* out) {
    dispatch_only(in, table, high, from, to, low, out);
}

void replace_label(const double* in, const double* table, std::size_t high, int from, int to,
                   std::size_t low, double* out, Position* back) {
    dispatch_with_back(in, table, high, from, to, low, out, back);
}

}  // namespace metafast::mrf

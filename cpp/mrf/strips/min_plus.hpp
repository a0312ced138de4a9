// Min-plus products, the inner loops of all dynamic programs here, in double and in float.
//
//   out[i, j] = min over k of p[k, i] + q[k, j]
//
//   float    every entry is a vector over chains or strips that lie side by side
//   double   an entry of p is a number, and vectors run along j
//
// The order of additions and comparisons is fixed and the first of equal minima is kept, so results
// do not depend on the width of vectors.
#pragma once

#include <cstddef>

#include "mrf/model/label_sets.hpp"
#include "threads/simd.hpp"

namespace metafast::mrf {

template <int bytes>
struct FloatVectors {
    using Real = float;
    using Entries = typename Vector<bytes>::Float;
    using Arguments = typename Vector<bytes>::Int32;
    using Stored = typename Vector<bytes>::Label32;
    static METAFAST_INLINE Entries left(const float* p) { return load<Entries>(p); }
};

template <int bytes>
struct DoubleRows {
    using Real = double;
    using Entries = typename Vector<bytes>::Double;
    using Arguments = typename Vector<bytes>::Int64;
    using Stored = typename Vector<bytes>::Label64;
    static METAFAST_INLINE double left(const double* p) { return *p; }
};

// A block of the product whose minima stay in registers while k passes by; with `kBack` also the k
// of each minimum, laid out like `out`. Strides in numbers.
template <class Kind, int kRows, int kCols, bool kBack>
METAFAST_INLINE void min_plus_block(const typename Kind::Real* p, std::size_t p_k, std::size_t p_i,
                                    const typename Kind::Real* q, std::size_t q_k, std::size_t q_j,
                                    int terms, typename Kind::Real* out, std::size_t out_i,
                                    Position* back) {
    using Entries = typename Kind::Entries;
    using Arguments = typename Kind::Arguments;
    Entries best[kRows][kCols];
    [[maybe_unused]] Arguments from[kRows][kCols];
    METAFAST_UNROLL
    for (int i = 0; i < kRows; ++i) {
        const auto left = Kind::left(p + i * p_i);
        METAFAST_UNROLL
        for (int j = 0; j < kCols; ++j) {
            best[i][j] = load<Entries>(q + j * q_j) + left;
            if constexpr (kBack) from[i][j] = Arguments{};
        }
    }
    for (int k = 1; k < terms; ++k) {
        p += p_k;
        q += q_k;
        METAFAST_UNROLL
        for (int i = 0; i < kRows; ++i) {
            const auto left = Kind::left(p + i * p_i);
            METAFAST_UNROLL
            for (int j = 0; j < kCols; ++j) {
                const Entries sum = load<Entries>(q + j * q_j) + left;
                if constexpr (kBack) {
                    const Arguments better = sum < best[i][j];
                    from[i][j] = better ? (Arguments{} + k) : from[i][j];
                }
                best[i][j] = sum < best[i][j] ? sum : best[i][j];
            }
        }
    }
    METAFAST_UNROLL
    for (int i = 0; i < kRows; ++i) {
        METAFAST_UNROLL
        for (int j = 0; j < kCols; ++j) {
            store(out + i * out_i + j * q_j, best[i][j]);
            if constexpr (kBack) {
                store(back + i * out_i + j * q_j,
                      __builtin_convertvector(from[i][j], typename Kind::Stored));
            }
        }
    }
}

template <int bytes, int kCols>
METAFAST_INLINE void min_plus_columns(const float* p, std::size_t p_k, std::size_t p_i,
                                      const float* q, std::size_t q_k, int terms, int rows,
                                      float* out, std::size_t out_i) {
    using Kind = FloatVectors<bytes>;
    constexpr int wide = Vector<bytes>::floats;
    constexpr int tall = bytes == 64 ? 4 : 2;
    int i = 0;
    for (; i + tall <= rows; i += tall) {
        min_plus_block<Kind, tall, kCols, false>(p + i * p_i, p_k, p_i, q, q_k, wide, terms,
                                                 out + i * out_i, out_i, nullptr);
    }
    for (; i < rows; ++i) {
        min_plus_block<Kind, 1, kCols, false>(p + i * p_i, p_k, p_i, q, q_k, wide, terms,
                                              out + i * out_i, out_i, nullptr);
    }
}

// The whole product in float, column blocks of about the same size. `out` is (rows, cols).
template <int bytes>
METAFAST_INLINE void min_plus(const float* p, std::size_t p_k, std::size_t p_i, const float* q,
                              std::size_t q_k, int terms, std::size_t rows, std::size_t cols,
                              float* out) {
    constexpr int wide = Vector<bytes>::floats;
    const std::size_t out_i = cols * wide;
    while (cols > 0) {
        const std::size_t blocks = (cols + 4) / 5;
        const std::size_t block = (cols + blocks - 1) / blocks;
        const int n = static_cast<int>(rows);
        switch (block) {
            case 5: min_plus_columns<bytes, 5>(p, p_k, p_i, q, q_k, terms, n, out, out_i); break;
            case 4: min_plus_columns<bytes, 4>(p, p_k, p_i, q, q_k, terms, n, out, out_i); break;
            case 3: min_plus_columns<bytes, 3>(p, p_k, p_i, q, q_k, terms, n, out, out_i); break;
            case 2: min_plus_columns<bytes, 2>(p, p_k, p_i, q, q_k, terms, n, out, out_i); break;
            default: min_plus_columns<bytes, 1>(p, p_k, p_i, q, q_k, terms, n, out, out_i);
        }
        q += block * wide;
        out += block * wide;
        cols -= block;
    }
}

// One label of a state is replaced, in double:
//
//   out[h, b, l] = min over a of in[h, a, l] + table[a, b],      back[h, b, l] = the a of it
//
//   in         (high, from, low)      h: the labels that run slower in the state, l: faster
//   out, back  (high, to, low)
void replace_label(const double* in, const double* table, std::size_t high, int from, int to,
                   std::size_t low, double* out);
void replace_label(const double* in, const double* table, std::size_t high, int from, int to,
                   std::size_t low, double* out, Position* back);

}  // namespace metafast::mrf

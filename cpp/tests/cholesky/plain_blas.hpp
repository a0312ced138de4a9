// BLAS by its definition, slow and plain, for tests of what is built on it. Lower triangles only.
#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

#include "cholesky/blas.hpp"

namespace metafast::cholesky::plain {

inline void potrf(const char*, const int* n, double* a, const int* lda, int* info) {
    *info = 0;
    const auto at = [&](int r, int c) -> double& { return a[static_cast<std::ptrdiff_t>(c) * *lda + r]; };
    for (int c = 0; c < *n; ++c) {
        for (int k = 0; k < c; ++k) {
            for (int r = c; r < *n; ++r) at(r, c) -= at(r, k) * at(c, k);
        }
        if (!(at(c, c) > 0.0)) {
            *info = c + 1;
            return;
        }
        at(c, c) = std::sqrt(at(c, c));
        for (int r = c + 1; r < *n; ++r) at(r, c) /= at(c, c);
    }
}

// X op(L) = B from the right, m x n.
inline void trsm(const char*, const char*, const char* transa, const char*, const int* m,
                 const int* n, const double*, const double* a, const int* lda, double* b,
                 const int* ldb) {
    const auto l = [&](int r, int c) { return a[static_cast<std::ptrdiff_t>(c) * *lda + r]; };
    for (int i = 0; i < *m; ++i) {
        const auto x = [&](int c) -> double& { return b[static_cast<std::ptrdiff_t>(c) * *ldb + i]; };
        if (*transa == 'T') {
            for (int c = 0; c < *n; ++c) {
                for (int k = 0; k < c; ++k) x(c) -= x(k) * l(c, k);
                x(c) /= l(c, c);
            }
        } else {
            for (int c = *n - 1; c >= 0; --c) {
                for (int k = c + 1; k < *n; ++k) x(c) -= x(k) * l(k, c);
                x(c) /= l(c, c);
            }
        }
    }
}

inline void gemm(const char*, const char* transb, const int* m, const int* n, const int* k,
                 const double* alpha, const double* a, const int* lda, const double* b,
                 const int* ldb, const double*, double* c, const int* ldc) {
    for (int j = 0; j < *n; ++j) {
        for (int p = 0; p < *k; ++p) {
            const double factor = *alpha * (*transb == 'T' ? b[static_cast<std::ptrdiff_t>(p) * *ldb + j]
                                                           : b[static_cast<std::ptrdiff_t>(j) * *ldb + p]);
            for (int i = 0; i < *m; ++i) {
                c[static_cast<std::ptrdiff_t>(j) * *ldc + i] +=
                    factor * a[static_cast<std::ptrdiff_t>(p) * *lda + i];
            }
        }
    }
}

inline void syrk(const char*, const char*, const int* n, const int* k, const double* alpha,
                 const double* a, const int* lda, const double* beta, double* c, const int* ldc) {
    for (int j = 0; j < *n; ++j) {
        const int rows = *n - j, one = 1;
        gemm("N", "T", &rows, &one, k, alpha, a + j, lda, a + j, lda, beta,
             c + static_cast<std::ptrdiff_t>(j) * *ldc + j, ldc);
    }
}

inline void trsv(const char*, const char* trans, const char*, const int* n, const double* a,
                 const int* lda, double* x, const int*) {
    const int one = 1;
    // x^T L^-T solves L x = b, and the other way round
    trsm("R", "L", *trans == 'N' ? "T" : "N", "N", &one, n, nullptr, a, lda, x, &one);
}

inline void gemv(const char* trans, const int* m, const int* n, const double* alpha,
                 const double* a, const int* lda, const double* x, const int*, const double*,
                 double* y, const int*) {
    for (int c = 0; c < *n; ++c) {
        for (int r = 0; r < *m; ++r) {
            const double value = *alpha * a[static_cast<std::ptrdiff_t>(c) * *lda + r];
            if (*trans == 'N') {
                y[r] += value * x[c];
            } else {
                y[c] += value * x[r];
            }
        }
    }
}

inline Blas blas() { return {potrf, trsm, syrk, gemm, trsv, gemv}; }

}  // namespace metafast::cholesky::plain

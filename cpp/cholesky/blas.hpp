// The dense kernels that the fronts need, as function pointers in Fortran's calling convention.
//
// Whoever makes a factor brings them (scipy's own BLAS from Python), so this library links to none.
// They must run on the calling thread only: the fronts are what is parallel, and in a fixed way.
#pragma once

namespace metafast::cholesky {

struct Blas {
    void (*potrf)(const char* uplo, const int* n, double* a, const int* lda, int* info);
    void (*trsm)(const char* side, const char* uplo, const char* transa, const char* diag,
                 const int* m, const int* n, const double* alpha, const double* a, const int* lda,
                 double* b, const int* ldb);
    void (*syrk)(const char* uplo, const char* trans, const int* n, const int* k,
                 const double* alpha, const double* a, const int* lda, const double* beta,
                 double* c, const int* ldc);
    void (*gemm)(const char* transa, const char* transb, const int* m, const int* n, const int* k,
                 const double* alpha, const double* a, const int* lda, const double* b,
                 const int* ldb, const double* beta, double* c, const int* ldc);
    void (*trsv)(const char* uplo, const char* trans, const char* diag, const int* n,
                 const double* a, const int* lda, double* x, const int* incx);
    void (*gemv)(const char* trans, const int* m, const int* n, const double* alpha,
                 const double* a, const int* lda, const double* x, const int* incx,
                 const double* beta, double* y, const int* incy);
};

}  // namespace metafast::cholesky

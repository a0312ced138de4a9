// The plain kernels that stand in for BLAS in these tests do what its interface promises.
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "cholesky/blas.hpp"
#include "tests/cholesky/plain_blas.hpp"

namespace metafast::cholesky {
namespace {

// Column-major, as Fortran has it.
struct Matrix {
    int rows, cols;
    std::vector<double> values;
    Matrix(int r, int c, double phase) : rows(r), cols(c) {
        for (int i = 0; i < r * c; ++i) values.push_back(std::sin(1.7 * i + phase));
    }
    double& operator()(int r, int c) { return values[c * rows + r]; }
    double operator()(int r, int c) const { return values[c * rows + r]; }
};

Matrix times(const Matrix& a, const Matrix& b, bool transposed) {
    Matrix result(a.rows, transposed ? b.rows : b.cols, 0.0);
    for (int i = 0; i < result.rows; ++i) {
        for (int j = 0; j < result.cols; ++j) {
            result(i, j) = 0.0;
            for (int k = 0; k < a.cols; ++k) {
                result(i, j) += a(i, k) * (transposed ? b(j, k) : b(k, j));
            }
        }
    }
    return result;
}

TEST(Blas, CholeskyFactorTimesItsTransposeIsTheMatrix) {
    const Blas blas = plain::blas();
    const int n = 9;
    Matrix a = times(Matrix(n, n, 0.3), Matrix(n, n, 0.3), true);
    for (int i = 0; i < n; ++i) a(i, i) += 1.0;
    Matrix l = a;
    int info = -1;
    blas.potrf("L", &n, l.values.data(), &n, &info);
    EXPECT_EQ(info, 0);
    for (int c = 0; c < n; ++c) {
        for (int r = 0; r < c; ++r) l(r, c) = 0.0;
    }
    const Matrix product = times(l, l, true);
    for (int i = 0; i < n * n; ++i) EXPECT_NEAR(product.values[i], a.values[i], 1e-12);
    a(4, 4) = -100.0;
    blas.potrf("L", &n, a.values.data(), &n, &info);
    EXPECT_EQ(info, 5);
}

TEST(Blas, TriangularSolutionsUndoProducts) {
    const Blas blas = plain::blas();
    const int n = 6, m = 4, one = 1;
    const double unit = 1.0;
    Matrix l(n, n, 1.0);
    for (int c = 0; c < n; ++c) {
        for (int r = 0; r < c; ++r) l(r, c) = 0.0;
        l(c, c) = 2.0 + c;
    }
    for (const char* trans : {"N", "T"}) {
        const Matrix x(m, n, 0.7);
        Matrix b = times(x, l, *trans == 'T');
        blas.trsm("R", "L", trans, "N", &m, &n, &unit, l.values.data(), &n, b.values.data(), &m);
        for (int i = 0; i < m * n; ++i) EXPECT_NEAR(b.values[i], x.values[i], 1e-12);
        Matrix y(1, n, 0.2);
        Matrix z = times(y, l, *trans == 'N');  // (L y)^T = y^T L^T
        blas.trsv("L", trans, "N", &n, l.values.data(), &n, z.values.data(), &one);
        for (int i = 0; i < n; ++i) EXPECT_NEAR(z.values[i], y.values[i], 1e-12);
    }
}

TEST(Blas, UpdatesSubtractProducts) {
    const Blas blas = plain::blas();
    const int m = 5, n = 3, k = 4, one = 1;
    const double unit = 1.0, minus = -1.0;
    const Matrix a(m, k, 0.1), b(n, k, 0.9), c(m, n, 0.5), s(m, m, 0.4);
    Matrix d = c;
    blas.gemm("N", "T", &m, &n, &k, &minus, a.values.data(), &m, b.values.data(), &n, &unit,
              d.values.data(), &m);
    const Matrix ab = times(a, b, true);
    for (int i = 0; i < m * n; ++i) EXPECT_NEAR(d.values[i], c.values[i] - ab.values[i], 1e-12);
    Matrix t = s;
    blas.syrk("L", "N", &m, &k, &minus, a.values.data(), &m, &unit, t.values.data(), &m);
    const Matrix aa = times(a, a, true);
    for (int j = 0; j < m; ++j) {
        for (int i = 0; i < m; ++i) EXPECT_NEAR(t(i, j), i < j ? s(i, j) : s(i, j) - aa(i, j), 1e-12);
    }
    for (const char* trans : {"N", "T"}) {
        const bool turned = *trans == 'T';
        const Matrix x(turned ? m : k, 1, 0.6);
        std::vector<double> y(turned ? k : m, 1.0), expected = y;
        blas.gemv(trans, &m, &k, &minus, a.values.data(), &m, x.values.data(), &one, &unit, y.data(),
                  &one);
        for (int i = 0; i < m; ++i) {
            for (int j = 0; j < k; ++j) {
                expected[turned ? j : i] -= a(i, j) * x.values[turned ? i : j];
            }
        }
        for (std::size_t i = 0; i < y.size(); ++i) EXPECT_NEAR(y[i], expected[i], 1e-12);
    }
}

}  // namespace
}  // namespace metafast::cholesky

// Multifrontal factor of the stiffness of solid pixels, and solutions with it: Cholesky for the
// stencils of a linear body, L S L^T with the signs S of the pivots for the tangents of its elements.
//
// Units (subtrees of the fronts) are independent tasks; the few large fronts above them are
// eliminated one by one, in tiles. The columns of the units are most of the factor's numbers and
// little of its arithmetic: if they are not kept, every solution computes them again.
//
// Cells have a multifrontal elimination of their own (metafast/homogenization, numba), for good
// reason. There, tens of thousands of small systems share one sparsity pattern: the plan is made
// once, every SIMD lane holds another cell, cells are what is parallel, and only the Schur
// complement at the root is wanted, so no factor is stored. Here, there is one large matrix with a pattern of
// its own: fronts are found for it alone, vectors run along their columns, many threads work on one
// matrix, and the factor is kept for as many right-hand sides as come. Neither layout serves both.
//
//   J. W. H. Liu, The multifrontal method for sparse matrix solution, SIAM Review 34 (1992) 82-109.
#pragma once

#include <cstdint>
#include <functional>
#include <stdexcept>
#include <vector>

#include "cholesky/blas.hpp"
#include "cholesky/dense.hpp"
#include "cholesky/fronts.hpp"
#include "cholesky/pixel_rows.hpp"
#include "cholesky/slab.hpp"
#include "threads/thread_pool.hpp"

namespace metafast::cholesky {

class NotPositiveDefinite : public std::runtime_error {
public:
    explicit NotPositiveDefinite(std::int64_t unknown)
        : std::runtime_error("not positive definite"), unknown(unknown) {}
    std::int64_t unknown;
};

struct Tree {
    const std::int32_t* start;   // (count + 1,)
    const std::int32_t* parent;  // (count,)
    std::int32_t count;
    std::int32_t unit;  // unknowns in a unit, at most
};

class Factor {
public:
    using Poll = std::function<bool()>;

    // Finds the fronts; nothing is factorised yet.
    Factor(const PixelGrid& grid, const std::int32_t* order, std::int32_t n, const Tree& tree,
           const Blas& blas, int threads);

    // Bytes at the peak of a solution of `columns` right-hand sides.
    std::int64_t memory(bool keep, int columns) const;
    double operations() const { return fronts_.operations(); }
    std::int64_t entries() const { return unit_entries_ + top_entries_; }

    // Overwrites the k columns of x (n, k), row by row, with the solution, unless `poll` says stop:
    // then x stays as it is. The first call that is not stopped factorises; `keep` says whether the
    // units' columns are to be kept then. `absolute` solves with L L^T in place of L S L^T: positive
    // definite, and the same where no pivot is negative. No columns: it factorises and no more.
    void solve(double* x, int k, bool keep, const Poll& poll, bool absolute = false);

    // The tangents have changed: the next solution factorises again.
    void refactor() { factorised_ = false; }
    // Frees what a factorisation keeps; the next solution factorises again.
    void release();
    // Negative pivots of the last factorisation, as many as the matrix has negative eigenvalues.
    std::int32_t negative() const;

private:
    struct Worker;   // what one thread works with
    struct Passed {  // what a front passes on to its parent
        Slab update, load;
    };

    void unit_down(int index, int k, bool numeric, double* x, Worker& worker);
    void unit_up(int index, int k, double* x, Worker& worker, bool absolute);
    Dense dense(const Front& front, double* columns, double* update);
    bool top_down(std::int32_t f, int k, bool numeric, double* x, std::vector<Passed>& passed,
                  double*& stack, Worker& worker, const Poll& stop);
    bool is_unit(std::int32_t f) const { return unit_[f]; }
    void assemble(const Front& front, const Dense& dense, const std::int32_t* place) const;
    void load_step(const Front& front, const double* columns, int k, double* x,
                   double* load) const;
    void back_step(const Front& front, const double* columns, int k, double* x,
                   std::vector<double>& scratch, bool absolute) const;
    void fail(const Front& front, int info) const;

    PixelRows matrix_;
    ThreadPool pool_;
    Fronts fronts_;
    Blas blas_;
    std::vector<Slab> unit_columns_, top_columns_;
    std::vector<std::int8_t> signs_;  // of the pivots; empty if all must be positive
    std::vector<bool> unit_;          // whether a front is a unit's last
    std::vector<std::int32_t> slot_;  // of a unit's last front or a top front, -1 elsewhere
    std::int64_t unit_entries_ = 0, top_entries_ = 0, largest_unit_ = 0, largest_stack_ = 0,
                 largest_loads_ = 0, top_stack_ = 0;
    bool factorised_ = false, kept_ = false;
};

}  // namespace metafast::cholesky

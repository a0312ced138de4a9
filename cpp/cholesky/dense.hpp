// Partial Cholesky factorisation of one dense front.
#pragma once

#include <functional>

#include "cholesky/blas.hpp"
#include "threads/thread_pool.hpp"

namespace metafast::cholesky {

// Lower triangles, column by column: `columns` is (pivots + updates) x pivots, `update` is
// updates x updates and receives the Schur complement.
struct Dense {
    int pivots, updates;
    double* columns;
    double* update;

    int size() const { return pivots + updates; }
};

// Factorises in place, without BLAS: for fronts of some tens of rows.
int eliminate_small(const Dense& front);

// Factorises in place. Returns 0, or the number (from 1) of the pivot that is not positive.
int eliminate(const Blas& blas, const Dense& front);

// The same for large fronts, in tiles that workers share. The tiles, and so the result, do not
// depend on how many workers there are. Asks `stop` now and then; returns kStopped if it said yes.
constexpr int kStopped = -1;
int eliminate(const Blas& blas, const Dense& front, ThreadPool& pool,
              const std::function<bool()>& stop);

}  // namespace metafast::cholesky

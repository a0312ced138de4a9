// Partial factorisation L S L^T of one dense front, S the signs of the pivots: Cholesky if all are
// positive.
//
// Pivots are taken as they come. A tangent close to a stable equilibrium is positive definite, and
// the number of its negative pivots tells how many ways there are to fall.
#pragma once

#include <cstdint>
#include <functional>

#include "cholesky/blas.hpp"
#include "threads/thread_pool.hpp"

namespace metafast::cholesky {

// Lower triangles, column by column: `columns` is (pivots + updates) x pivots, `update` is
// updates x updates and receives the Schur complement. `signs` receives +1 or -1 for each pivot;
// without it a negative pivot is a failure.
struct Dense {
    int pivots, updates;
    double* columns;
    double* update;
    std::int8_t* signs = nullptr;

    int size() const { return pivots + updates; }
};

// Factorises in place, without BLAS: for fronts of some tens of rows.
int eliminate_small(const Dense& front);

// Factorises in place. Returns 0, or the number (from 1) of the pivot that is not positive; with
// signs, of the pivot that is zero or not a number.
int eliminate(const Blas& blas, const Dense& front);

// The same for large fronts, in tiles that workers share. The tiles, and so the result, do not
// depend on how many workers there are. Asks `stop` now and then; returns kStopped if it said yes.
constexpr int kStopped = -1;
int eliminate(const Blas& blas, const Dense& front, ThreadPool& pool,
              const std::function<bool()>& stop);

}  // namespace metafast::cholesky

// The tree of fronts: what each eliminates, and which later unknowns it touches.
//
// Unknowns are numbered in elimination order. A front eliminates the contiguous range [start, stop);
// its update rows are the later unknowns that these and its children's updates are coupled with. The
// fronts stand in postorder, so the unknowns of a subtree are contiguous too. Subtrees of limited
// size are units: each is one task, the few fronts above them are eliminated one by one.
#pragma once

#include <cstdint>
#include <vector>

#include "cholesky/pixel_rows.hpp"
#include "threads/thread_pool.hpp"

namespace metafast::cholesky {

struct Front {
    std::int32_t start, stop;
    std::int32_t parent;  // -1: none
    std::int32_t first;   // first front of the subtree
    std::vector<std::int32_t> children;
    const std::int32_t* rows = nullptr;  // update rows, rising
    std::int32_t updates = 0;

    int pivots() const { return stop - start; }
    int size() const { return pivots() + updates; }
    std::int64_t entries() const { return static_cast<std::int64_t>(size()) * pivots(); }
    std::int64_t update_entries() const { return static_cast<std::int64_t>(updates) * updates; }
};

class Fronts {
public:
    // Fronts start[f] to start[f+1] with parents; `unit` unknowns at most in a unit.
    Fronts(const PixelRows& matrix, const std::int32_t* start, const std::int32_t* parent,
           std::int32_t count, std::int32_t unit, ThreadPool& pool);
    Fronts(const Fronts&) = delete;
    Fronts& operator=(const Fronts&) = delete;

    const Front& operator[](std::int32_t f) const { return fronts_[f]; }
    const std::vector<std::int32_t>& units() const { return units_; }  // their last fronts
    const std::vector<std::int32_t>& top() const { return top_; }      // in postorder
    std::int32_t first(std::int32_t root) const { return fronts_[root].first; }

    // Entries of all factor columns in fronts [first, last].
    std::int64_t entries(std::int32_t first, std::int32_t last) const;
    // Bytes of the fronts and their rows.
    std::int64_t bytes() const;
    // Floating-point operations of the factorisation.
    double operations() const;

private:
    std::vector<Front> fronts_;
    std::vector<std::int32_t> units_, top_;
    std::vector<std::vector<std::int32_t>> storage_;
};

}  // namespace metafast::cholesky

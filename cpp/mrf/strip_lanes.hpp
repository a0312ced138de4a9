// All strips of two adjacent lines in float32, as many side by side as a vector has lanes.
//
// Strip s holds line s (slot 0) and line s+1 (slot 1), so every line but the first and the last is
// shared by two strips. Each has its own copy of the line's node and edge costs: half of them plus
// or minus the multiplier (`StripSplit`). The edges between the two lines are the strip's own.
//
//           pos-1         pos
//   slot 0   a --along0--> b       F[b, d] = min over a, l of F[a, l] + along0[a, b] + along1[l, d]
//            |             |                 + node0[b] + node1[d] + across[b, d]
//   slot 1   l --along1--> d       G[b, l] = min over a of F[a, l] + along0[a, b]   halfway
//
// Layout: strips are cut into groups of one vector; in a group the strip is the last, contiguous
// axis. Positions of a group have as many labels as the strip that has most there; what a strip
// lacks is forbidden. For each position, one after another:
//
//   costs, velocity   node0 (n0), node1 (n1), along0 (n0, n0'), along1 (n1, n1')   ' = next position
//   across            (n0, n1)
//
// Unused lanes of the last group cost zero everywhere and are never read out.
#pragma once

#include <vector>

#include "mrf/lanes.hpp"
#include "mrf/strip_split.hpp"
#include "threads/thread_pool.hpp"

namespace metafast::mrf {

// Labels of the strips as positions in the sets: (strips, length) for each slot.
struct StripLabels {
    std::vector<Label> slot[2];
};

class StripFamily {
public:
    StripFamily(const Lines& lines, const StripSplit& split, ThreadPool& pool);

    int groups() const { return groups_; }
    int strips() const { return strips_; }

    // Moves the multipliers by one step along the subgradient, then finds the best labels of the
    // group's strips. Reads all of `labels`, writes the group's part of `next` and of `values`
    // (strips).
    void advance(int group, int worker, Step step, const StripLabels& labels, StripLabels& next,
                 double* values);

    void save(const Lines& lines, StripSplit& split) const;

private:
    struct Place {
        int n[2];                   // labels of slot 0 and slot 1
        std::size_t costs, across;  // where they begin, in vectors, over all groups
        std::size_t partial;        // G, in vectors, within a group
    };

    void lay_out(const Lines& lines);
    void pack(const Lines& lines, const StripSplit& split, int group);
    void pack_line(const Lines& lines, const StripSplit& split, int group, int lane, int slot);
    void pack_across(const Lines& lines, double scale, int group, int lane);
    void add_copies(const Lines& lines, StripSplit& split, int group, int slot) const;
    void add_impulses(int group, float size, const StripLabels& labels);
    void trace_back(int group, const float* value, const float* partial, StripLabels& next) const;
    const Place& place(int group, int pos) const { return places_[group * length_ + pos]; }
    std::size_t node(const Place& here, int slot) const;  // in floats, of the costs
    std::size_t along(const Place& here, const Place& next, int slot) const;
    int strips_in(int group) const;
    float* scratch(int worker);

    int strips_, length_, lanes_, groups_;
    ThreadPool& pool_;
    std::vector<Place> places_;                    // (groups, length)
    std::size_t costs_size_ = 0, across_size_ = 0;  // vectors
    std::size_t values_ = 0, partials_ = 0;         // vectors of F and G of the largest group
    std::vector<Lanes> costs_, velocity_, across_, scratch_;  // Lanes for their alignment
};

}  // namespace metafast::mrf

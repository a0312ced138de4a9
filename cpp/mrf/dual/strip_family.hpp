// Overlapping strips of a few adjacent lines in float32, as many side by side as a vector has
// lanes.
//
// A strip of `width` lines begins at every (width-1)-th line, so two strips hold each of these
// lines but the first and the last. Each has its own copy of the line's node and edge costs: half
// of them plus or minus the multiplier (`StripSplit`). All other costs are the strip's own.
//
//           pos-1     pos
//   slot 0    a --------> b       slot 0 and slot width-1 are shared with the neighbours
//             |           |
//   slot 1    a'--------> b'      state: labels of all slots at a position, slot 0 fastest
//             |           |
//   slot 2    a"--------> b"      best(b", b', b) from best(a", a', a), one slot after the other
//
// Layout: strips are cut into groups of one vector; in a group the strip is the last, contiguous
// axis. Positions of a group have as many labels as the strip that has most there; what a strip
// lacks is forbidden. For each position, one after another (' = next position):
//
//   moving, velocity   of slot 0 and of slot width-1: node (n), along (n, n')
//   fixed              of every slot but the last: across (n of the next slot, n);
//                      of the slots between: node (n), along (n, n')
//
// Unused lanes of the last group cost zero everywhere and are never read out.
#pragma once

#include <vector>

#include "mrf/dual/chain_family.hpp"
#include "mrf/strips/split.hpp"

namespace metafast::mrf {

// Labels of the strips as positions in the sets: (strips, length) for each slot.
using StripLabels = std::vector<std::vector<Label>>;

class StripFamily {
public:
    StripFamily(const StripLayout& layout, const StripSplit& split, ThreadPool& pool);

    int groups() const { return groups_; }

    // Moves the multipliers by one step along the subgradient, then finds the best labels of the
    // group's strips. Reads all of `labels`, writes the group's part of `next` and of `values`
    // (strips).
    void advance(int group, int worker, Step step, const StripLabels& labels, StripLabels& next,
                 double* values);

    // Writes the multipliers to `split`.
    void save(StripSplit& split) const;

private:
    struct Place {
        int n[kMostLines];  // labels of every slot
        // Where its costs begin, in vectors, over all groups.
        std::size_t moving, fixed;
        // Where its states, and those between the slots, begin within a group.
        std::size_t value, partial;
    };

    void lay_out();
    void pack(const StripSplit& split, int group);
    void pack_line(const StripSplit& split, int group, int lane, int slot);
    void pack_across(double scale, int group, int lane, int slot);
    void add_copies(StripSplit& split, int group, int slot) const;
    void add_impulses(int group, float size, const StripLabels& labels);
    void trace_back(int group, const float* value, const float* partial, StripLabels& next) const;

    bool moves(int slot) const { return slot == 0 || slot + 1 == width_; }
    const Place& place(int group, int pos) const { return places_[group * length_ + pos]; }
    // Offsets in floats, in `moving_` or in `fixed_`.
    std::size_t node(const Place& here, int slot) const;
    std::size_t along(const Place& here, const Place& next, int slot) const;
    std::size_t across(const Place& here, int slot) const;
    float* costs(int slot) { return moves(slot) ? moving_[0].at : fixed_[0].at; }
    const float* costs(int slot) const { return moves(slot) ? moving_[0].at : fixed_[0].at; }
    int strips_in(int group) const;
    float* scratch(int worker);

    StripLayout layout_;
    int width_, length_, lanes_, groups_;
    ThreadPool& pool_;
    std::vector<Place> places_;                       // (groups, length)
    std::size_t moving_size_ = 0, fixed_size_ = 0;    // vectors
    std::size_t value_size_ = 0, partial_size_ = 0;   // vectors, of the largest group
    std::size_t sum_size_ = 0;                        // vectors of the largest part of a state
    std::vector<Lanes> moving_, velocity_, fixed_, scratch_;  // Lanes for their alignment
};

}  // namespace metafast::mrf

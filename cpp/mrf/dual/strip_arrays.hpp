// Arrays of a family of strips in float32: where every cost lies, filled from the tables.
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

#include <cstddef>
#include <vector>

#include "mrf/dual/lanes.hpp"
#include "mrf/strips/split.hpp"
#include "threads/thread_pool.hpp"

namespace metafast::mrf {

class StripArrays {
public:
    struct Place {
        int n[kMostLines];  // labels of every slot
        // Where its costs begin, in vectors, over all groups.
        std::size_t moving, fixed;
        // Where its states, and those between the slots, begin within a group.
        std::size_t value, partial;
    };

    StripArrays(const StripLayout& layout, const StripSplit& split, ThreadPool& pool);

    const StripLayout& layout() const { return layout_; }
    int lanes() const { return lanes_; }  // strips side by side
    int groups() const { return groups_; }
    int strips_in(int group) const;
    const Place& place(int group, int pos) const { return places_[group * length_ + pos]; }
    bool moves(int slot) const { return slot == 0 || slot + 1 == width_; }

    // Costs of a slot, and their velocities if it moves. Then offsets from there, in floats, of the
    // costs of a node, of the edges to the next position, and of the edges to the next slot.
    float* costs(int slot) { return moves(slot) ? moving_[0].at : fixed_[0].at; }
    const float* costs(int slot) const { return moves(slot) ? moving_[0].at : fixed_[0].at; }
    float* velocities() { return velocity_[0].at; }
    const float* across_costs() const { return fixed_[0].at; }
    std::size_t node(const Place& here, int slot) const {
        if (slot == 0) return here.moving * lanes_;
        if (slot + 1 == width_) return (here.moving + here.n[0]) * lanes_;
        return inner_node(here, slot);
    }
    std::size_t along(const Place& here, const Place& next, int slot) const {
        if (!moves(slot)) return inner_along(here, next, slot);
        const std::size_t at = here.moving + here.n[0] + here.n[width_ - 1];
        const std::size_t first = static_cast<std::size_t>(here.n[0]) * next.n[0];
        return (slot == 0 ? at : at + first) * lanes_;
    }
    std::size_t across(const Place& here, int slot) const;

    // Vectors that the states of the largest group take, those between the slots, and the largest
    // part of the costs of a state.
    std::size_t value_size() const { return value_size_; }
    std::size_t partial_size() const { return partial_size_; }
    std::size_t sum_size() const { return sum_size_; }

    // costs += velocity, velocity *= momentum: of a position, and of the edges to the next one.
    void move(int group, int pos, float momentum);

    // Writes the multipliers to `split`.
    void save(StripSplit& split) const;

private:
    std::size_t inner_node(const Place& here, int slot) const;
    std::size_t inner_along(const Place& here, const Place& next, int slot) const;
    void lay_out();
    void pack(const StripSplit& split, int group);
    void pack_line(const StripSplit& split, int group, int lane, int slot);
    void pack_across(double scale, int group, int lane, int slot);
    void add_copies(StripSplit& split, int group, int slot) const;

    StripLayout layout_;
    int width_, length_, lanes_, groups_;
    ThreadPool& pool_;
    std::vector<Place> places_;                     // (groups, length)
    std::size_t moving_size_ = 0, fixed_size_ = 0;  // vectors
    std::size_t value_size_ = 0, partial_size_ = 0, sum_size_ = 0;
    std::vector<Lanes> moving_, velocity_, fixed_;  // Lanes for their alignment
};

// As many vectors of Lanes as hold so many floats.
inline std::size_t lanes_for(std::size_t floats) { return (floats + kLanes - 1) / kLanes; }

}  // namespace metafast::mrf

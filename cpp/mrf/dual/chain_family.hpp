// One family of parallel chains (all rows, or all columns) in float32, sixteen chains side by side.
//
// Layout: chains are cut into groups of 16; in a group the chain is the last, contiguous axis.
//
//   edges       (groups, length-1, labels, labels, 16)   edge cost [a at pos, b at pos+1]
//   unary       (groups, length, labels, 16)             half of the node cost
//   multiplier  (groups, length, labels, 16)             lambda, the same numbers in both families
//   velocity    (groups, length, labels, 16)             momentum of lambda, the same in both
//   back        (workers, length, labels, 16)            best label at pos-1 for each label at pos
//
// `labels` is the size of the largest open set, and what others lack is forbidden. Unused lanes of
// the last group cost zero everywhere and are never read out. Each group holds its own copy of
// lambda; both families do the same additions in the same order, so the copies agree, and only the
// rows' copy is ever certified.
#pragma once

#include <vector>

#include "mrf/dual/lanes.hpp"
#include "mrf/model/field.hpp"
#include "threads/thread_pool.hpp"

namespace metafast::mrf {

class ChainFamily {
public:
    ChainFamily(const Lines& lines, double scale, ThreadPool& pool);

    int groups() const { return groups_; }

    // Moves lambda by one step along the subgradient [x = row label] - [x = column label], then
    // finds the best chains of a group. Reads the labels `rows` and `cols` of the last step,
    // writes this family's part of `next`. Returns the value of the group's chains.
    double advance(int group, int worker, Step step, const Position* rows,
                   const Position* cols, Position* next);

    // Copies the group's lambda into (rows*cols, labels), or back; back also stops the momentum.
    void save(int group, float* multipliers) const;
    void restore(int group, const float* multipliers);

private:
    void pack(const Lines& lines, double scale, int group);
    int lanes_used(int group) const;
    std::size_t node(int group, int lane, int pos) const {
        return (static_cast<std::size_t>(group) * kLanes + lane) * line_stride_ +
               static_cast<std::size_t>(pos) * pos_stride_;
    }

    int lines_, length_, labels_, groups_;
    std::size_t line_stride_, pos_stride_;
    float sign_;  // of lambda in this family's node costs: + rows, - columns
    std::vector<Lanes> edges_, unary_, multiplier_, velocity_, message_;
    std::vector<PositionLanes> back_;
};

}  // namespace metafast::mrf

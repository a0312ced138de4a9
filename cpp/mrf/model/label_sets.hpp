// The labels still open at every node: all at first, fewer once some are proved not to matter.
//
//   label      0 1 2 3 4 5     the number that the caller's tables are indexed by
//   open         x   x x
//   position     0   1 2       the number that all stages of the solver work with
#pragma once

#include <optional>

#include "mrf/model/grid.hpp"

namespace metafast::mrf {

// Index of a label in the open set of its node. Neither numbers nor labels turn into one unasked.
enum class Position : std::uint16_t {};

constexpr std::size_t index(Position position) { return static_cast<std::size_t>(position); }

using Positions = std::vector<Position>;  // (rows * cols)

class LabelSets {
public:
    // All labels but those that cost +inf; where a node has no other, all of its labels.
    explicit LabelSets(const Grid& grid);

    int count(std::size_t node) const { return static_cast<int>(begin_[node + 1] - begin_[node]); }
    const Label* open(std::size_t node) const { return labels_.data() + begin_[node]; }
    Label label(std::size_t node, Position position) const { return open(node)[index(position)]; }
    Labelling labelling(const Positions& positions) const;
    std::size_t offset(std::size_t node) const { return begin_[node]; }
    std::size_t nodes() const { return begin_.size() - 1; }
    std::size_t total() const { return labels_.size(); }
    int most() const;  // labels of the node that has most
    bool full() const { return full_; }

    // Nothing if the label is not open.
    std::optional<Position> find(std::size_t node, Label label) const;

    // Of a label that is open.
    Position position(std::size_t node, Label label) const {
        return full_ ? Position(label) : first_not_below(node, label);
    }

    // Those that the node's labels have in other sets, which hold them all.
    std::vector<Position> positions_in(const LabelSets& others, std::size_t node) const;

    // Drops labels, which `Relaxation::prune` chooses: the i-th of all (node, label) pairs, in the
    // order of `offset`, where keep[i] is 0. Returns whether every node keeps a label; if not, the
    // sets stay as they are.
    bool retain(const std::vector<char>& keep);

private:
    Position first_not_below(std::size_t node, Label label) const;

    std::vector<std::size_t> begin_;
    std::vector<Label> labels_;
    bool full_ = true;
};

}  // namespace metafast::mrf

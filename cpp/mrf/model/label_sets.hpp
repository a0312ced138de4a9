// The labels still open at every node: all at first, fewer once some are proved not to matter.
#pragma once

#include "mrf/model/grid.hpp"

namespace metafast::mrf {

class LabelSets {
public:
    // All labels but those that cost +inf; where a node has no other, all of its labels.
    explicit LabelSets(const Grid& grid);

    int count(std::size_t node) const { return static_cast<int>(begin_[node + 1] - begin_[node]); }
    const Label* at(std::size_t node) const { return labels_.data() + begin_[node]; }
    std::size_t offset(std::size_t node) const { return begin_[node]; }
    std::size_t nodes() const { return begin_.size() - 1; }
    std::size_t total() const { return labels_.size(); }
    int most() const;  // labels of the node that has most
    bool full() const { return full_; }

    // Position of a label in the node's set, or -1.
    int find(std::size_t node, Label label) const;

    // Drops the i-th of all (node, label) pairs, in the order of `offset`, where keep[i] is 0.
    // Returns whether every node keeps a label; if not, the sets stay as they are.
    bool retain(const std::vector<char>& keep);

private:
    std::vector<std::size_t> begin_;
    std::vector<Label> labels_;
    bool full_ = true;
};

}  // namespace metafast::mrf

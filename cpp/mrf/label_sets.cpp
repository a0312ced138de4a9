#include "mrf/label_sets.hpp"

#include <algorithm>

namespace metafast::mrf {

LabelSets::LabelSets(std::size_t nodes, int labels) : begin_(nodes + 1), labels_(nodes * labels) {
    for (std::size_t node = 0; node <= nodes; ++node) begin_[node] = node * labels;
    for (std::size_t i = 0; i < labels_.size(); ++i) labels_[i] = static_cast<Label>(i % labels);
}

int LabelSets::most() const {
    int most = 0;
    for (std::size_t node = 0; node < nodes(); ++node) most = std::max(most, count(node));
    return most;
}

int LabelSets::find(std::size_t node, Label label) const {
    const Label* begin = at(node);
    const Label* end = begin + count(node);
    const Label* found = std::lower_bound(begin, end, label);
    return found != end && *found == label ? static_cast<int>(found - begin) : -1;
}

bool LabelSets::retain(const std::vector<char>& keep) {
    for (std::size_t node = 0; node < nodes(); ++node) {
        const auto begin = keep.begin() + static_cast<std::ptrdiff_t>(begin_[node]);
        if (std::count(begin, begin + count(node), 0) == count(node)) return false;
    }
    std::size_t kept = 0;
    for (std::size_t node = 0; node < nodes(); ++node) {
        const std::size_t begin = begin_[node], end = begin_[node + 1];
        begin_[node] = kept;
        for (std::size_t i = begin; i < end; ++i) {
            if (keep[i]) labels_[kept++] = labels_[i];
        }
    }
    full_ = full_ && kept == labels_.size();
    begin_.back() = kept;
    labels_.resize(kept);
    return true;
}

}  // namespace metafast::mrf

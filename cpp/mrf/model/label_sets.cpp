#include "mrf/model/label_sets.hpp"

#include <algorithm>
#include <cmath>

namespace metafast::mrf {

LabelSets::LabelSets(const Grid& grid) : begin_(grid.nodes() + 1) {
    const int labels = grid.labels;
    labels_.reserve(grid.nodes() * labels);
    for (int r = 0; r < grid.rows; ++r) {
        for (int c = 0; c < grid.cols; ++c) {
            const std::size_t begin = labels_.size();
            begin_[grid.node(r, c)] = begin;
            for (int k = 0; k < labels; ++k) {
                if (!std::isinf(grid.unary.at(r, c, k))) labels_.push_back(static_cast<Label>(k));
            }
            if (labels_.size() > begin) continue;
            for (int k = 0; k < labels; ++k) labels_.push_back(static_cast<Label>(k));
        }
    }
    begin_.back() = labels_.size();
    full_ = labels_.size() == grid.nodes() * labels;
}

int LabelSets::most() const {
    int most = 0;
    for (std::size_t node = 0; node < nodes(); ++node) most = std::max(most, count(node));
    return most;
}

Labelling LabelSets::labelling(const Positions& positions) const {
    Labelling labels(positions.size());
    for (std::size_t node = 0; node < labels.size(); ++node) {
        labels[node] = label(node, positions[node]);
    }
    return labels;
}

Position LabelSets::first_not_below(std::size_t node, Label label) const {
    const Label* begin = open(node);
    return Position(std::lower_bound(begin, begin + count(node), label) - begin);
}

std::optional<Position> LabelSets::find(std::size_t node, Label label) const {
    const Position position = first_not_below(node, label);
    const std::size_t labels = count(node);
    const bool found = index(position) < labels && open(node)[index(position)] == label;
    return found ? std::optional(position) : std::nullopt;
}

std::vector<Position> LabelSets::positions_in(const LabelSets& others, std::size_t node) const {
    std::vector<Position> positions(count(node));
    for (int k = 0; k < count(node); ++k) positions[k] = others.position(node, open(node)[k]);
    return positions;
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

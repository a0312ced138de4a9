// Shares of the costs of a line that two strips hold, one for each of its two copies.
//
// A shared line is the last slot of one strip and slot 0 of the next. Slot 0's copy of a cost is
// half of it plus the multiplier, the last slot's is half of it less the multiplier. All other
// lines are held once, whole.
#pragma once

#include <vector>

#include "mrf/strips/layout.hpp"

namespace metafast::mrf {

// The multipliers; of lines that are not shared they are not looked at, so a split serves strips of
// any width.
struct StripSplit {
    // No multipliers; they will be in units of `scale`.
    StripSplit(const Lines& lines, double scale);

    float* node(std::size_t node, const LabelSets& sets) { return &nodes[sets.offset(node)]; }
    float* edge(int line, int pos) { return &edges[edge_begin[at(line, pos)]]; }
    const float* node(std::size_t node, const LabelSets& sets) const {
        return &nodes[sets.offset(node)];
    }
    const float* edge(int line, int pos) const { return &edges[edge_begin[at(line, pos)]]; }

    // The multipliers of the labels that `now` has kept, of those that were open `before`.
    StripSplit retained(const Lines& before, const Lines& now, double new_scale) const;

    double scale;
    std::vector<float> nodes;  // as LabelSets orders them
    std::vector<float> edges;  // (labels at pos, labels at pos+1) of every edge along a line

private:
    std::size_t at(int line, int pos) const {
        return static_cast<std::size_t>(line) * edges_a_line + pos;
    }

    std::vector<std::size_t> edge_begin;
    int edges_a_line;
};

// The split under which the strips' bound is no worse than that of rows and columns with these
// multipliers (as in `certify_chains`): lines in equal shares, and every edge across two lines with
// its part of the best chain across,
//
//   V(x, y) + 1/2 (f(x) - b(x)) + 1/2 (b'(y) - f'(y)) >= 0
//
// f: best cost of the chain up to and with x; b: with x's node left out, best cost behind x; primes
// the same seen from the other end.
StripSplit split_from_chains(const Lines& lines, const std::vector<double>& multipliers,
                             double scale);

}  // namespace metafast::mrf

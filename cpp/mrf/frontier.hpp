// Exact minimisation over a strip of a few parallel lines by dynamic programming.
//
// Nodes are visited position by position, slot by slot. The state is the labels of the last `width`
// visited nodes (the frontier), so there are labels^width states and each node costs
// labels^(width+1) additions. One line is the Viterbi algorithm; the whole grid, if narrow, is
// solved to proven optimality.
//
//            pos-1   pos
//   slot 0     .      o     state index = sum over slots q of label(q) * labels^q;
//   slot 1     .      o <-- node being added: replaces the label of (slot 1, pos-1)
//   slot 2     o            o marks the frontier before the step
//
// Costs are shifted to be non-negative first: then every rounding error is relative to the value
// itself, and a rigorous lower bound costs nothing.
#pragma once

#include <functional>
#include <vector>

#include "mrf/grid.hpp"
#include "mrf/rounding.hpp"

namespace metafast::mrf {

class Frontier {
public:
    // Room for strips of `width` lines of `length` positions.
    Frontier(int width, int length, int labels);

    // Node cost vector (labels) of the node at (slot, pos); overwrite before `solve`.
    double* cost(int slot, int pos) {
        return &costs_[(static_cast<std::size_t>(pos) * width_ + slot) * labels_];
    }

    // Minimises over lines first..first+width-1 of `lines`, with the node costs given. Returns false
    // if `should_stop`, asked often, said so; otherwise `chosen(slot, pos)`, `value()` and
    // `bound()` are valid.
    bool solve(const Lines& lines, int first,
               const std::function<bool()>& should_stop = nullptr);

    Label chosen(int slot, int pos) const {
        return chosen_[static_cast<std::size_t>(pos) * width_ + slot];
    }
    double value() const { return shifts_.value() + best_; }  // +inf: nothing feasible
    CompensatedSum bound() const;                             // lower() <= exact minimum

    // Additions of one solve, the unit of the work accounts.
    static double work(int width, int length, int labels);

    // Bytes of the tables that grow with labels^width.
    static double memory(int width, int length, int labels);

private:
    const double* shifted(const double* table, double* room);
    void trace_back();

    int width_, length_, labels_;
    std::vector<std::size_t> power_;     // labels^q
    std::vector<double> costs_;          // (length, width, labels)
    std::vector<double> value_, next_;   // (labels^width)
    std::vector<double> along_, across_, added_;  // (labels, labels)
    std::vector<Label> back_;            // (length-1, width, labels^width)
    std::vector<Label> chosen_;          // (length, width)
    CompensatedSum shifts_;
    double best_ = 0.0;
};

}  // namespace metafast::mrf

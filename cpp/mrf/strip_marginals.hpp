// One strip of two lines in float64: its least cost, and the least cost with each label of each
// node, by dynamic programming forwards and backwards. A chain is a strip whose first line has one
// label that costs nothing.
//
//   F[b, d] = cost of the best labels up to a position that end in b (slot 0) and d (slot 1)
//   B[b, d] = cost of the best labels behind it
//   F + B at its least over the other slot = the least cost of the strip with a label
//
// Costs are shifted to be non-negative first: then every rounding error is relative to the value
// itself, and rigorous lower bounds cost nothing.
#pragma once

#include <functional>
#include <vector>

#include "mrf/rounding.hpp"

namespace metafast::mrf {

class StripMarginals {
public:
    // Makes room for `length` positions; labels[slot][pos]. All costs are set to zero.
    void lay_out(int length, const std::vector<int> labels[2]);

    // To be written before `solve`, which changes them.
    double* node(int slot, int pos) { return &costs_[at_[pos].node[slot]]; }
    double* across(int pos) { return &costs_[at_[pos].across]; }            // [b, d] at pos
    double* along(int slot, int pos) { return &costs_[at_[pos].along[slot]]; }  // pos to pos + 1

    // Finds the best labels, and with `marginals` also `excess`. Returns false if `should_stop`,
    // asked at every position, said so.
    bool solve(bool marginals, const std::function<bool()>& should_stop);

    double value() const { return shifts_.value() + best_; }  // +inf: nothing feasible
    CompensatedSum bound() const;                             // lower() <= exact minimum
    int chosen(int slot, int pos) const { return chosen_[slot][pos]; }

    // What the bound rises by at least if the node takes the label.
    double excess(int slot, int pos, int label) const {
        return excess_[at_[pos].node_only[slot] + label];
    }

private:
    struct Place {
        int n[2];
        std::size_t node[2], across, along[2];  // in costs_
        std::size_t states, partial;            // in forward_, partial_
        std::size_t node_only[2];               // in excess_
    };

    void shift(double* table, std::size_t entries);
    void step_forward(int pos);
    void step_backward(int pos);
    void trace_back();
    void write_excess(int pos);
    double operations() const { return 10.0 * static_cast<double>(at_.size()); }

    std::vector<Place> at_;
    std::vector<double> costs_, forward_, partial_, backward_, next_, turned_, excess_;
    std::vector<int> chosen_[2];
    CompensatedSum shifts_;
    double best_ = 0.0;
};

}  // namespace metafast::mrf

// One strip of a few lines in float64: its least cost, and the least cost with each label of each
// node, by dynamic programming forwards and backwards. A chain is a strip of one line.
//
//   F[state] = cost of the best labels up to a position that end in the state: the labels of all
//              slots, slot 0 fastest
//   B[state] = cost of the best labels behind it
//   F + B at its least over the other slots = the least cost of the strip with a label
//
// Costs are shifted to be non-negative first: then every rounding error is relative to the value
// itself, and rigorous lower bounds cost nothing.
#pragma once

#include <functional>
#include <vector>

#include "mrf/model/label_sets.hpp"
#include "mrf/model/rounding.hpp"

namespace metafast::mrf {

class StripMarginals {
public:
    // Makes room for labels[slot][pos]. All costs are set to zero.
    void lay_out(const std::vector<std::vector<int>>& labels);

    // To be written before `solve`, which changes them. Edge tables: first node, then second.
    double* node(int slot, int pos) { return &costs_[place(pos, slot).node]; }
    double* across(int slot, int pos) { return &costs_[place(pos, slot).across]; }  // to slot + 1
    double* along(int slot, int pos) { return &costs_[place(pos, slot).along]; }    // to pos + 1

    // Finds the best labels, and with `marginals` also `min_marginal_excess`. Returns false if
    // `should_stop`, asked at every position, said so.
    bool solve(bool marginals, const std::function<bool()>& should_stop);

    double value() const { return shifts_.value() + best_; }  // +inf: nothing feasible
    CompensatedSum bound() const;                             // lower() <= exact minimum
    Position chosen(int slot, int pos) const { return place(pos, slot).chosen; }

    // What the bound rises by at least if the node takes the label.
    double min_marginal_excess(int slot, int pos, Position label) const {
        return excess_[place(pos, slot).excess + index(label)];
    }

private:
    struct Place {
        int n;
        std::size_t node, across, along;  // in costs_
        std::size_t after;                // in forward_: states once this slot has come here
        std::size_t excess;               // in excess_
        Position chosen;
    };

    Place& place(int pos, int slot) {
        return places_[static_cast<std::size_t>(pos) * width_ + slot];
    }
    const Place& place(int pos, int slot) const {
        return places_[static_cast<std::size_t>(pos) * width_ + slot];
    }
    std::size_t states(int pos, int moved, int other) const;
    std::size_t states(int pos, int moved) const { return states(pos, moved, pos - 1); }
    void shift(double* table, std::size_t entries);
    void add_states(int pos);
    void step_forward(int pos);
    void step_backward(int pos);
    void trace_back();
    void write_excess(int pos);
    double operations() const { return (5.0 * width_ + 2.0) * length_; }

    int width_ = 0, length_ = 0;
    std::vector<Place> places_;                  // (length, width)
    std::vector<std::size_t> states_begin_;      // in states_, of every position
    std::vector<double> costs_, forward_;
    std::vector<double> states_;                 // costs of the nodes and the edges between them
    std::vector<double> backward_, next_, turned_, excess_;
    CompensatedSum shifts_;
    double best_ = 0.0;
};

}  // namespace metafast::mrf

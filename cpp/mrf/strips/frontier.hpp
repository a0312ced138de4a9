// Exact minimisation over a strip of a few parallel lines by dynamic programming.
//
// Nodes are visited position by position, slot by slot. The state is the labels of the last `width`
// visited nodes (the frontier), so with K labels everywhere there are K^width states and each node
// costs K^(width+1) additions. One line is the Viterbi algorithm; the whole grid, if narrow, is
// solved to proven optimality.
//
//            pos-1   pos
//   slot 0     .      o     state index: mixed radix, slot 0 runs fastest;
//   slot 1     .      o <-- node being added: replaces the label of (slot 1, pos-1)
//   slot 2     o            o marks the frontier before the step
//
// For a bound, costs are shifted to be non-negative first: then every rounding error is relative to
// the value itself.
//
// StripMarginals solves the same problem and also finds min-marginals, for which it keeps the costs
// of all states. Where only labels are wanted, the back pointers here take a fifth of that memory
// and less time.
#pragma once

#include <functional>
#include <vector>

#include "mrf/model/field.hpp"
#include "mrf/model/rounding.hpp"

namespace metafast::mrf {

class Frontier {
public:
    explicit Frontier(int width) : width_(width) {}

    // Takes the label counts of lines first..first+width-1, and makes room.
    void lay_out(const Lines& lines, int first);

    // Node cost vector of the node at (slot, pos); overwrite before `solve`.
    double* cost(int slot, int pos) { return &costs_[node(slot, pos).costs]; }

    // Minimises over the strip laid out, with the node costs given. Returns false if
    // `should_stop`, asked often, said so; otherwise `chosen(slot, pos)` is valid, and with
    // `bounded` also `value()` and `bound()`.
    bool solve(const Lines& lines, int first, bool bounded,
               const std::function<bool()>& should_stop = nullptr);

    Position chosen(int slot, int pos) const { return node(slot, pos).chosen; }
    double value() const { return shifts_.value() + best_; }  // +inf: nothing feasible
    CompensatedSum bound() const;                             // lower() <= exact minimum

    // Nanoseconds of one solve, about (a count, so that schedules are reproducible), and bytes of
    // the tables that grow with the number of states.
    static double work(const Lines& lines, int first, int width);
    static double memory(const Lines& lines, int first, int width);

private:
    struct Node {
        int labels;
        std::size_t low;    // states of the slots before it
        std::size_t high;   // states of the slots behind it, still at the position before
        std::size_t costs;  // where its cost vector begins
        std::size_t back;   // where its back pointers begin, from pos 1 on
        Position chosen;
    };

    Node& node(int slot, int pos) { return nodes_[static_cast<std::size_t>(pos) * width_ + slot]; }
    const Node& node(int slot, int pos) const {
        return nodes_[static_cast<std::size_t>(pos) * width_ + slot];
    }
    double shift(double least, bool bounded);
    const double* shifted(const double* table, std::size_t entries, bool bounded, double* scratch);
    void trace_back();

    int width_, length_ = 0;
    std::vector<Node> nodes_;                     // (length, width)
    std::vector<double> costs_;
    std::vector<double> value_, next_;            // states
    std::vector<double> along_, across_, added_;  // one table
    std::vector<Position> back_;
    CompensatedSum shifts_;
    double best_ = 0.0;
};

}  // namespace metafast::mrf

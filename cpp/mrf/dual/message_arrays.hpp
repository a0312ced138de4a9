// Arrays of message passing in float32: costs and messages of skewed lines, sixteen side by side.
//
// Layout: lines are cut into groups of 16; in a group the line is the last, contiguous axis. Line l
// of a group is at its node t - l at position t, so a group has length + 15 positions.
//
//   unary                        (groups, positions, labels, 16)
//   from_left, from_above, ...   (groups, positions, labels, 16)  messages into the node
//   edges                        (groups, positions, ...)  from the node before: `EdgeLanes`
//
// Labels are counted as they are where a table is linear in them, as positions in the open sets
// otherwise; what a node lacks is forbidden. Lanes without a node cost nothing and have no edges.
#pragma once

#include <vector>

#include "mrf/dual/message_step.hpp"
#include "threads/thread_pool.hpp"

namespace metafast::mrf {

// Messages into every open label, as LabelSets orders them, in the units of the tables.
struct Messages {
    std::vector<double> from_right, from_below;  // from the nodes behind
};

class MessageArrays {
public:
    // `lines` must be those of `lines_for` the field.
    MessageArrays(const Lines& lines, double scale, ThreadPool& pool);

    // The lines whose groups have fewest positions in all.
    static Lines lines_for(const Field& field);

    // Bytes of the arrays over all labels, about, if tables are of no shape in particular; and how
    // many lanes there are for every node.
    static double memory(const Field& field);
    static double padding(const Field& field);

    const Lines& lines() const { return lines_; }
    int groups() const { return groups_; }
    int positions() const { return positions_; }
    int labels() const { return labels_; }

    // What the least entries of the tables over open labels add up to, in units of the scale, where
    // the arrays count from the least entries over all labels.
    double counted() const;

    // Nanoseconds of a sweep forward and back on one thread, about.
    double work() const;

    // Arrays of a step; what it sends and sums up is left open.
    MessageStep step(int group, int position);

    Position open_position(std::size_t node, int label) const;
    // The lane's node at a position of its group, if it has one.
    bool holds(int group, int lane, int position) const {
        const int pos = position - lane;
        return group * kLanes + lane < lines_.count() && pos >= 0 && pos < lines_.length();
    }
    std::size_t node(int group, int lane, int position) const {
        return lines_.node(group * kLanes + lane, position - lane);
    }

    // What rows of the grid pay more than half of every open label's node cost for the rows and the
    // columns to be worth what they are with all messages: as in `certify_chains`.
    std::vector<double> multipliers(double scale) const;

    Messages messages(double scale) const;
    void receive(const Messages& messages, double scale);

private:
    struct Edges {
        PairShape shape;
        std::vector<float> tables, weights, limits;
    };

    void pack(int group, double scale);
    void pack_edge(Edges& edges, bool across, int line, int pos, int group, int lane, int position,
                   double scale, double* scratch);
    void allot(Edges& edges);
    EdgeLanes at(const Edges& edges, std::size_t place) const;
    std::size_t index_of(std::size_t node, int open) const {
        return by_label_ ? lines_.field.sets.open(node)[open] : open;
    }
    // Calls visit(first of the open labels in messages, in arrays, node) for all nodes.
    template <class Visit>
    void for_each_node(Visit visit) const;

    Lines lines_;
    Edges left_, above_;
    bool by_label_;
    int labels_, groups_, positions_;
    std::vector<double> counted_;  // per group
    std::vector<float> unary_, from_left_, from_above_, from_right_, from_below_;
};

}  // namespace metafast::mrf

// One position of a sweep of message passing, sixteen lines side by side.
//
// Lines are skewed: where line 0 is at node t, line 1 is at node t-1, and so on, so all nodes that
// a step visits have been sent every message that they wait for.
//
//           t   t+1
//   line 0  o - o - o          forward: a node takes messages from the left and from above, and
//           |   |   |          keeps what it sends to the right and below; backward: the other way
//   line 1    \ o - o - o
#pragma once

#include "mrf/dual/lanes.hpp"
#include "mrf/model/pair_shape.hpp"

namespace metafast::mrf {

// Rows of vectors moved by one lane: that of a line's neighbour lies beside its own.
constexpr int kShifted = kLanes + 1;

// Edge tables of the lanes at a position: (labels, labels) if shared, (labels, labels, 16) if not.
// A lane without an edge has weight 0 (and limit 0, or costs 0).
struct EdgeLanes {
    PairShape shape;
    const float* table;
    const float* weight;  // (16); 0 or 1 if the table is shared
    const float* limit;   // (16)
};

// Arrays are (labels, 16), and (labels, 17) where they are shifted.
struct MessageStep {
    int labels;
    const float* unary;
    EdgeLanes left, above;  // edges from the node before, in the line and in the line above
    // Messages into the node. Those from the nodes before are written forward and read backward,
    // those from the nodes behind the other way round.
    float *from_left, *from_above, *from_right, *from_below;
    // What the step before has sent gives way to what this one sends. Forward: costs, which the
    // receiver turns into messages; backward: messages. Across: forward, lane 0 receives at 0 and
    // sends at 1; backward, it receives at 1 and sends at 0.
    float* along;
    float* across;        // shifted
    float *sum, *spare;   // scratch
    double* total;        // (16): the bound, to be added to
    // Forward only: labels, as numbers, of the nodes before in the line (16) and in the line above
    // (17); then of the node, and, moved by one, of the nodes.
    float *label_along, *label_across;
};

// Labels the nodes, given the labels before them and what the nodes behind have sent; and passes
// messages on.
void step_forward(const MessageStep& step);
void step_backward(const MessageStep& step);

}  // namespace metafast::mrf

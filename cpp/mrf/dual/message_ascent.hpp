// Block-coordinate ascent on the bound of rows against columns: sequential tree-reweighted message
// passing (TRW-S) [Kolmogorov 2006], one node at a time.
//
// A sweep visits the nodes from the first to the last and back. At every node the min-marginals of
// its row and of its column are made equal, the best move of its multipliers, so the bound never
// falls. It needs no step size and comes near its best value in few sweeps, but may stop short of
// it, where subgradients go on. On the way forward every node takes its best label given the labels
// before it and what is known of the nodes behind it: a labelling in every pass.
//
// Nodes along a diagonal do not wait for each other; groups of lines follow each other by sixteen
// nodes. What a node computes does not depend on when, so neither does the result on threads.
#pragma once

#include "mrf/dual/ascent.hpp"
#include "mrf/dual/message_arrays.hpp"
#include "threads/thread_pool.hpp"

namespace metafast::mrf {

class MessageAscent final : public Ascent {
public:
    // `range` is that of the field. `messages` are those of an ascent over the same lines, or none.
    MessageAscent(const Field& field, const CostRange& range, ThreadPool& pool,
                  const Messages& messages = {}, const Level& level = {});

    Labelling labelling(bool) const override { return field_.sets.labelling(labels_); }
    Certificate certify(const CertifyOptions& options) const override;

    int width() const override { return 1; }
    Successor restricted(const Field& fewer, const CostRange& range) const override;
    Successor as_strips(int width) const override;
    Successor by_subgradients() const override;

    // As in `certify_chains`.
    std::vector<double> multipliers() const { return arrays_.multipliers(scale_); }

private:
    class GroupSweep;

    Outcome pass(Step) override;
    void save() override {}  // the last messages are the best

    double sweep(bool forward);

    Field field_;
    ThreadPool& pool_;
    MessageArrays arrays_;
    Positions labels_;
    // What groups send to their neighbours, (groups, positions, labels), and the labels of their
    // last lines, (groups, positions).
    std::vector<float> sent_, label_sent_;
};

}  // namespace metafast::mrf

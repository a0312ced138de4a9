// Dual ascent over chains, rows against columns (paper section 5.1):
//
//   D(lambda) = min over row labellings of (E_rows + lambda) + min over column labellings of
//               (E_cols - lambda),      each node cost split half and half
#pragma once

#include "mrf/dual/ascent.hpp"
#include "mrf/dual/chain_family.hpp"
#include "threads/thread_pool.hpp"

namespace metafast::mrf {

class ChainAscent final : public Ascent {
public:
    // `range` is that of the field. `multipliers` as in `multipliers()`, or empty.
    ChainAscent(const Field& field, const CostRange& range, ThreadPool& pool,
                const std::vector<double>& multipliers = {}, const Level& level = {});

    Labelling labelling(bool columns) const override;
    Certificate certify(const CertifyOptions& options) const override;

    int width() const override { return 1; }
    Successor restricted(const Field& fewer, const CostRange& range) const override;
    Successor as_strips(int width) const override;

    static double work(const Field& field);  // nanoseconds of one pass

    // The multipliers saved, in the units of the tables, as LabelSets orders them.
    std::vector<double> multipliers() const;

private:
    Outcome pass(Step step) override;
    void save() override;
    void load();

    Field field_;
    int labels_;
    ThreadPool& pool_;
    ChainFamily row_chains_, col_chains_;
    Positions rows_, cols_, next_rows_, next_cols_;
    std::vector<double> values_;  // per group
    std::vector<float> saved_;    // (rows, cols, labels)
};

}  // namespace metafast::mrf

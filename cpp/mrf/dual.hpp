// Dual decomposition over rows and columns [53]: a concave maximisation by subgradients.
//
//   D(lambda) = min over row labellings of (E_rows + lambda) + min over column labellings of
//               (E_cols - lambda),      each node cost split half and half
//
// A subgradient is [x = row label] - [x = column label]. Steps are Polyak's towards a moving level
// between the best value so far and the best energy known, with heavy-ball momentum; when the
// level proves out of reach it comes down and the search returns to the best multipliers.
#pragma once

#include "mrf/grid.hpp"
#include "mrf/lanes.hpp"
#include "mrf/restriction.hpp"
#include "threads/thread_pool.hpp"

namespace metafast::mrf {

class DualAscent {
public:
    // `range` is that of the grid.
    DualAscent(const Grid& grid, const Range& range, ThreadPool& pool);

    // One pass over all chains. `energy` is the best energy known (+inf if none), in the units of
    // the tables; the level never passes it.
    void iterate(double energy);

    const Labelling& rows() const { return rows_; }
    const Labelling& cols() const { return cols_; }
    bool agreed() const { return disagreements_ == 0; }

    // Best value so far in the units of the tables: float32 arithmetic, not a certificate.
    double best() const { return base_ + scale_ * best_; }

    // The multipliers of the best value saved, (rows, cols, labels), in the units of the tables.
    std::vector<double> multipliers() const;

private:
    void pass(Step step);
    void judge_reach();
    void save();
    void restore();

    ThreadPool& pool_;
    double base_, scale_;
    ChainFamily row_chains_, col_chains_;
    Labelling rows_, cols_, next_rows_, next_cols_;
    std::vector<double> values_;  // per group
    std::vector<float> saved_;    // (rows, cols, labels)
    std::size_t disagreements_ = 0;
    double value_ = 0.0, best_, saved_value_;
    double reach_ = 0.0;        // level - best value
    double milestone_ = 0.0;    // the best value when the reach was last judged
    int since_milestone_ = 0;
    double patience_;           // passes the reach is given to prove itself
};

}  // namespace metafast::mrf

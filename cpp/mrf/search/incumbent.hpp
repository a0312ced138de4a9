// The best labelling and the best bound so far, and whether they prove each other.
#pragma once

#include "mrf/model/grid.hpp"
#include "mrf/search/solver.hpp"

namespace metafast::mrf {

class Incumbent {
public:
    // Writes the labelling, the energy, the bound and `optimal` of `result`. A gap of `wanted_gap`
    // is enough.
    Incumbent(const Grid& grid, double wanted_gap, Result& result);

    void offer(const Labelling& labelling);

    // Energies are multiples of this power of two: bounds are rounded up to the next one.
    void set_quantum(double quantum) { quantum_ = quantum; }
    double quantum() const { return quantum_; }

    // `margin`: what rounding can have cost this bound at most.
    void offer_bound(double bound, double margin);

    double energy() const { return result_.energy; }  // +inf: no feasible labelling is known
    double bound() const { return result_.lower_bound; }

    // What gaps are relative to: |energy|, or the largest cost in it where its terms cancel.
    double size() const { return result_.size; }

    // (energy - bound) / size
    double gap() const;
    double wanted_gap() const { return wanted_gap_; }

    // Whether there is nothing left to find: the gap is closed, or as small as was wanted, or there
    // is no labelling at all, or the search says so.
    bool proved() const;
    bool closed() const { return closed_; }
    void close() { closed_ = true; }

private:
    void judge();

    const Grid& grid_;
    Result& result_;
    double energy_margin_ = 0.0;
    double bound_margin_ = 0.0;
    double quantum_ = 0.0;
    double wanted_gap_;
    bool closed_ = false;
};

}  // namespace metafast::mrf

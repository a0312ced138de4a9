// The best labelling and the best bound so far, and whether they prove each other.
#pragma once

#include "mrf/model/grid.hpp"
#include "mrf/search/solver.hpp"

namespace metafast::mrf {

class Incumbent {
public:
    // Writes the labelling, the energy, the bound and `optimal` of `result`.
    Incumbent(const Grid& grid, Result& result);

    void offer(const Labelling& labelling);

    // `margin`: what rounding can have cost this bound at most.
    void offer_bound(double bound, double margin);

    // (energy - bound) / |energy|
    double gap() const;

private:
    void judge();

    const Grid& grid_;
    Result& result_;
    double energy_margin_ = 0.0;
    double bound_margin_ = 0.0;
};

}  // namespace metafast::mrf

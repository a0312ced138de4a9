// The range of a field's costs, and what it lets the stages leave out that cannot use the tables as
// they are: infinities for the search over labellings, useless large costs for float32.
#pragma once

#include "mrf/model/field.hpp"
#include "mrf/model/rounding.hpp"

namespace metafast::mrf {

// Where the energies lie, forbidden entries apart.
struct CostRange {
    CompensatedSum base;  // sum of the least entry of every table: no energy is lower
    double widest = 0.0;  // greatest difference within a table
    double quantum = 0.0;  // a power of two that all finite costs are multiples of; 0: none is large

    double scale() const { return widest > 0.0 ? widest : 1.0; }  // of float32 working units
};

CostRange measure(const Field& field);

// A penalty above any difference of finite energies, to be paid for every +inf; +inf if the field
// has none.
double penalty(const Field& field);

// The most that a labelling of this energy or less can pay above the least entry of one table: all
// its other costs are at least the least entries, so that is at most energy - base. Twice that,
// which swallows the rounding of both differences. With it as the field's `cutoff` all those
// labellings keep their energies, the best among them, so the least energy is the same.
double cost_cutoff(const CostRange& range, double energy);

}  // namespace metafast::mrf

// What to leave out of the tables for the stages that cannot use them as they are: infinities for
// the search over labellings, useless large costs for float32.
#pragma once

#include "mrf/model/field.hpp"
#include "mrf/model/rounding.hpp"

namespace metafast::mrf {

// Where the energies lie, forbidden entries apart.
struct Range {
    CompensatedSum base;  // sum of the least entry of every table: no energy is lower
    double widest = 0.0;  // greatest difference within a table

    double scale() const { return widest > 0.0 ? widest : 1.0; }  // of float32 working units
};

Range measure(const Field& field);

// A penalty above any difference of finite energies, to be paid for every +inf; +inf if the field
// has none.
double penalty(const Field& field);

// The greatest excess over the least entry of its table that a labelling of this energy or less can
// pay: all its other costs are at least the least entries, so the excess is at most energy - base.
// Twice that, which swallows the rounding of both differences. With it as the field's `excess` all
// those labellings keep their energies, the best among them, so the least energy is the same.
double affordable(const Range& range, double energy);

// A labelling made in one sweep: every node takes its best label given the nodes above and to the
// left. It avoids large costs where that is easy. The field must be finite.
Labelling greedy(const Field& field);

}  // namespace metafast::mrf

// The dual bound, recomputed in float64 from the original tables.
//
// Any multipliers give a valid bound: the row copy of a node costs unary/2 + multiplier, the column
// copy the rest, and
//
//   D = sum over rows of the best row chain + sum over columns of the best column chain <= min E.
#pragma once

#include "mrf/grid.hpp"
#include "mrf/rounding.hpp"
#include "threads/thread_pool.hpp"

namespace metafast::mrf {

struct Certificate {
    CompensatedSum bound;  // lower() <= min E, rounding included; +inf proves infeasibility
    double margin = 0.0;   // what was given away to rounding
    Labelling rows;        // best row chains
    Labelling cols;        // best column chains
};

// multipliers (rows, cols, labels), in the units of the tables.
Certificate certify(const Grid& grid, const std::vector<double>& multipliers, ThreadPool& pool);

}  // namespace metafast::mrf

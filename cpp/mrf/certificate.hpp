// The dual bound, recomputed in float64 from the original tables.
//
// Any multipliers give a valid bound: the row copy of a node costs unary/2 + multiplier, the column
// copy the rest, and
//
//   D = sum over rows of the best row chain + sum over columns of the best column chain <= min E.
//
// The column copies are rounded down, so the bound holds whatever the sizes of the costs. What that
// gives away is at most the rounding along the best chains themselves: with exact copies they would
// cost that much more, and the exact minimum costs no more than they do. Costs of labels that no
// best chain uses, however large, enter neither the bound nor the margin.
#pragma once

#include <functional>

#include "mrf/grid.hpp"
#include "mrf/rounding.hpp"
#include "threads/thread_pool.hpp"

namespace metafast::mrf {

struct Certificate {
    CompensatedSum bound;  // lower() <= min E, rounding included; +inf proves infeasibility
    double margin = 0.0;   // at most this was given away to rounding
    Labelling rows;        // best row chains
    Labelling cols;        // best column chains
};

// multipliers (rows, cols, labels), in the units of the tables. `should_stop` is polled from the
// calling thread; once it says so the certificate is void: its bound is -inf.
Certificate certify(const Grid& grid, const std::vector<double>& multipliers, ThreadPool& pool,
                    const std::function<bool()>& should_stop = nullptr);

}  // namespace metafast::mrf

// Exact minimisation over the labels still open, by dynamic programming across the whole grid.
#pragma once

#include <functional>
#include <limits>

#include "mrf/model/field.hpp"
#include "mrf/search/incumbent.hpp"

namespace metafast::mrf {

// Nanoseconds it takes, about, as a count that is the same everywhere; and bytes.
double exact_work(const Lines& lines);
double exact_memory(const Lines& lines);

// Offers the optimum and its bound, which is no greater than `floor`. Returns false, with nothing
// offered, if `should_stop`, asked often, said so.
bool solve_exactly(const Lines& lines, Incumbent& incumbent,
                   const std::function<bool()>& should_stop,
                   double floor = std::numeric_limits<double>::infinity());

}  // namespace metafast::mrf

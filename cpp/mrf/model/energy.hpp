// The energy of a labelling, from the original tables in float64.
#pragma once

#include "mrf/model/grid.hpp"
#include "mrf/model/rounding.hpp"

namespace metafast::mrf {

// Its upper() is at least the exact energy; +inf if the labelling uses a forbidden label or pair.
CompensatedSum energy(const Grid& grid, const Labelling& labelling);

}  // namespace metafast::mrf

// Grids of the same shape with other tables, for the stages that cannot use the user's as they are:
// without infinities for strips, without useless large costs for float32.
#pragma once

#include <vector>

#include "mrf/grid.hpp"
#include "mrf/rounding.hpp"

namespace metafast::mrf {

// Where the energies lie, forbidden entries apart.
struct Range {
    CompensatedSum base;  // sum of the least entry of every table: no energy is lower
    double widest = 0.0;  // greatest difference within a table
};

Range measure(const Grid& grid);

// The grid with every +inf replaced by a penalty above any difference of finite energies. `storage`
// receives the three tables; without infinities the grid itself is returned and nothing is copied.
Grid penalised(const Grid& grid, std::vector<double>& storage);

// The greatest excess over the least entry of its table that a labelling of this energy or less can
// pay: all its other costs are at least the least entries, so the excess is at most energy - base.
// Twice that, which swallows the rounding of both differences.
double affordable(const Range& range, double energy);

// The grid with +inf for every entry that exceeds the least entry of its table by more than
// `excess`. All labellings whose energy made `excess` affordable stay as they are, the best among
// them, so the least energy is the same. `storage` receives the three tables.
Grid restricted(const Grid& grid, double excess, std::vector<double>& storage);

// A labelling made in one sweep: every node takes its best label given the nodes above and to the
// left. It avoids large costs where that is easy. The grid must be finite.
Labelling greedy(const Grid& grid);

}  // namespace metafast::mrf

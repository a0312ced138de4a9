// Exact minimisation over the labels still open, node by node (bucket elimination).
//
// Nodes with one open label are constants. Of the others the one whose neighbours have the fewest
// label combinations goes first: its best label is tabulated over those combinations, which joins
// the neighbours. Where few labels are open, what is left of the grid falls apart into small pieces
// and this takes no time.
#pragma once

#include <functional>
#include <optional>

#include "mrf/model/field.hpp"
#include "mrf/model/rounding.hpp"

namespace metafast::mrf {

struct Elimination {
    CompensatedSum bound;  // lower() <= the least energy over the open labels; +inf: infeasible
    double margin = 0.0;   // at most this was given away to rounding
    Labelling labelling;   // a best one
};

// Nothing if it would take more than `most_entries` table entries, or once `should_stop`, asked
// often, says so.
std::optional<Elimination> eliminate(const Field& field, double most_entries,
                                     const std::function<bool()>& should_stop = nullptr);

}  // namespace metafast::mrf

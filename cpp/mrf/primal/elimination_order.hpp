// The order in which bucket elimination takes out the nodes of a grid: smallest table first.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "mrf/model/field.hpp"
#include "threads/work_poll.hpp"

namespace metafast::mrf {

struct EliminationOrder {
    std::vector<std::size_t> nodes;                    // those with more than one open label
    std::vector<std::vector<std::size_t>> neighbours;  // that each has at its turn, rising
};

// Nothing if the tables would take more than `most_entries` entries, or once asked to stop.
std::optional<EliminationOrder> elimination_order(const Field& field, double most_entries,
                                                  WorkPoll& stop);

}  // namespace metafast::mrf

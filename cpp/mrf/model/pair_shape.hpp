// The shape of edge tables: what lets a message pass in fewer operations than they have entries.
//
//   linear   table[a, b] = base + min(weight |a - b|, limit) at every place, with its own numbers;
//            Potts tables are those with weight = limit
//   shared   the same table at every place
//   own      any tables
#pragma once

#include <optional>

#include "mrf/model/field.hpp"

namespace metafast::mrf {

struct TruncatedLinear {
    double base = 0.0, weight = 0.0, limit = 0.0;  // weight, limit >= 0
};

// The numbers of a table of this shape, but for the rounding of float32, in which messages are
// computed; nothing of any other table.
std::optional<TruncatedLinear> truncated_linear(const double* table, int labels);

// Those of the table at the edge that begins at (line, pos), which is known to have that shape.
TruncatedLinear linear_at(const Lines& lines, bool across, int line, int pos);

enum class PairShape { linear, shared, own };

// The shape of the tables along the lines, or of those across. A linear shape holds for the labels
// themselves, whichever of them are open; a shared one only if all are.
PairShape pair_shape(const Lines& lines, bool across);

}  // namespace metafast::mrf

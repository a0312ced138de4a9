// A first labelling, made in one sweep over the nodes.
#pragma once

#include "mrf/model/field.hpp"

namespace metafast::mrf {

// Every node takes its best label given the nodes above and to the left. It avoids large costs
// where that is easy. The field must be finite.
Labelling greedy(const Field& field);

}  // namespace metafast::mrf

// Numbers of the float32 working copy of a field, and how they lie side by side in vectors.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "mrf/model/label_sets.hpp"

namespace metafast::mrf {

constexpr int kLanes = 16;

struct alignas(64) Lanes {
    float at[kLanes];
};

struct alignas(32) PositionLanes {
    Position at[kLanes];
};

// Numbers of the working copy are (table - least entry) / scale; forbidden entries become this,
// and labels a node does not have cost more than any sum of forbidden entries at a node.
constexpr float kForbidden = 1e30f;
constexpr float kAbsent = 1e33f;

inline float working_cost(double cost, double least, double scale) {
    return std::isinf(cost) ? kForbidden : static_cast<float>((cost - least) / scale);
}

// The least entry of a table; 0 if it is forbidden throughout.
inline double least_entry(const double* table, std::size_t count) {
    const double least = *std::min_element(table, table + count);
    return std::isinf(least) ? 0.0 : least;
}

struct Step {
    float size = 0.0f;      // subgradient step
    float momentum = 0.0f;  // velocity kept from one step to the next
};

}  // namespace metafast::mrf

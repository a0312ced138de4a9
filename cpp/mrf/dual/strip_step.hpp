// Kernels of a family of strips: one step of the multipliers, and one position of the dynamic
// program over a group. Arrays as in strip_arrays.hpp; every entry is a vector over strips.
#pragma once

#include <cstddef>

#include "mrf/strips/split.hpp"

namespace metafast::mrf {

// Strips side by side in a vector of this processor.
int strips_of_a_vector();

// costs += velocity, velocity *= momentum
void move_costs(float* costs, float* velocity, std::size_t vectors, float momentum);

// One position of a group of strips.
struct StripStep {
    int width;
    int n[kMostLines], m[kMostLines];  // labels here, and at the position before
    bool first;                        // there is none before
    const float* node[kMostLines];
    const float* along[kMostLines];   // from the position before
    const float* across[kMostLines];  // slot q to slot q+1
    const float* before;              // states of the position before
    float* partial[kMostLines];       // states after slot q has come here, but for the last
    float* value;                     // states here
    float* sum[2];                    // scratch: costs of states of fewer slots
    float* lowest;                    // the least of the states, of the position before, then here
    double* total;
};

// From the states of the position before to those here.
void advance_strips(const StripStep& step);

}  // namespace metafast::mrf

// Overlapping strips of a few adjacent lines in float32, as many side by side as a vector has
// lanes.
//
// A strip of `width` lines begins at every (width-1)-th line, so two strips hold each of these
// lines but the first and the last. Each has its own copy of the line's node and edge costs: half
// of them plus or minus the multiplier (`StripSplit`). All other costs are the strip's own.
//
//           pos-1     pos
//   slot 0    a --------> b       slot 0 and slot width-1 are shared with the neighbours
//             |           |
//   slot 1    a'--------> b'      state: labels of all slots at a position, slot 0 fastest
//             |           |
//   slot 2    a"--------> b"      best(b", b', b) from best(a", a', a), one slot after the other
//
// How the costs lie in memory: strip_arrays.hpp.
#pragma once

#include <vector>

#include "mrf/dual/strip_arrays.hpp"

namespace metafast::mrf {

// Labels of the strips: (strips, length) for each slot.
using StripPositions = std::vector<std::vector<Position>>;

class StripFamily {
public:
    StripFamily(const StripLayout& layout, const StripSplit& split, ThreadPool& pool);

    int groups() const { return arrays_.groups(); }

    // Moves the multipliers by one step along the subgradient, then finds the best labels of the
    // group's strips. Reads all of `labels`, writes the group's part of `next` and of `values`
    // (strips).
    void advance(int group, int worker, Step step, const StripPositions& labels,
                 StripPositions& next, double* values);

    // Writes the multipliers to `split`.
    void save(StripSplit& split) const { arrays_.save(split); }

private:
    using Place = StripArrays::Place;

    void add_impulses(int group, float size, const StripPositions& labels);
    void trace_back(int group, const float* value, const float* partial,
                    StripPositions& next) const;

    StripArrays arrays_;
    int width_, length_, lanes_;
    std::size_t scratch_size_;
    std::vector<Lanes> scratch_;  // (workers, size): states, those between the slots, their costs
};

}  // namespace metafast::mrf

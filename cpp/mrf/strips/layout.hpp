// Overlapping strips of a few adjacent lines, and which lines each of them holds.
//
//   width 3      line 0  o o o o   strip 0, slot 0
//                line 1  o o o o   strip 0, slot 1
//                line 2  o o o o   strip 0, slot 2  =  strip 1, slot 0: a shared line
//                line 3  o o o o            strip 1, slot 1
//                line 4  o o o o            strip 1, slot 2
#pragma once

#include <algorithm>

#include "mrf/model/field.hpp"

namespace metafast::mrf {

constexpr int kMostLines = 8;

// Strips of `width` lines, each of which begins with the last line of the one before.
struct StripLayout {
    Lines lines;
    int width;

    int strips() const { return std::max((lines.count() + width - 3) / (width - 1), 1); }
    // May lie beyond the last line in the last strip: such a line has one label that costs nothing.
    int line(int strip, int slot) const { return strip * (width - 1) + slot; }
    bool holds(int line) const { return line < lines.count(); }
    bool shared(int line) const {
        return line > 0 && line + 1 < lines.count() && line % (width - 1) == 0;
    }
    int labels(int line, int pos) const { return holds(line) ? lines.labels(line, pos) : 1; }
};

// Strips along the longer side of the grid: long strips are few, so fewer multipliers have to be
// found.
inline StripLayout long_strips(const Field& field, int width) {
    return {Lines{field, field.grid.rows > field.grid.cols}, width};
}

}  // namespace metafast::mrf

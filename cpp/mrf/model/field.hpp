// A view of the grid for one stage of the solver: only the labels still open, in float64, on
// request without infinities or without costs too large to be paid.
#pragma once

#include <limits>

#include "mrf/model/grid.hpp"
#include "mrf/model/label_sets.hpp"

namespace metafast::mrf {

constexpr double kNoCutoff = std::numeric_limits<double>::infinity();

struct Field {
    const Grid& grid;
    const LabelSets& sets;
    // Entries that exceed the least of their table by more than this read as +inf.
    double cutoff = kNoCutoff;
    // What +inf reads as.
    double penalty = std::numeric_limits<double>::infinity();

    int count(std::size_t node) const { return sets.count(node); }

    // Tables over the open labels, contiguous: written to `scratch` (labels, or labels * labels),
    // or the user's own where that is the same.
    const double* unary(int r, int c, double* scratch) const;
    const double* horizontal(int r, int c, double* scratch) const;
    const double* vertical(int r, int c, double* scratch) const;

    // One entry; `cutoff` is not looked at.
    double horizontal_at(int r, int c, Position a, Position b) const {
        return entry(grid.horizontal, r, c, sets.label(grid.node(r, c), a),
                     sets.label(grid.node(r, c + 1), b));
    }
    double vertical_at(int r, int c, Position a, Position b) const {
        return entry(grid.vertical, r, c, sets.label(grid.node(r, c), a),
                     sets.label(grid.node(r + 1, c), b));
    }

private:
    double entry(const Tables& tables, int r, int c, std::size_t a, Label b) const {
        const double cost = tables.at(r, c, a * grid.labels + b);
        return cost < std::numeric_limits<double>::infinity() ? cost : penalty;
    }
    const double* pairs(const Tables& tables, int r, int c, std::size_t a, std::size_t b,
                        double* scratch) const;
    const double* changed(double* scratch, std::size_t count) const;
    bool verbatim(const Tables& tables) const;
};

// The field seen as parallel lines: its rows, or its columns. Edge tables run from the earlier to
// the later node in both directions, so turning the view needs no transposed copy.
//
//        pos 0    pos 1
//   line 0  o--along--o        along[a, b]:  a at (line, pos), b at (line, pos+1)
//           |across               across[a, b]: a at (line, pos), b at (line+1, pos)
//   line 1  o---------o
struct Lines {
    Field field;
    bool columns;

    const Grid& grid() const { return field.grid; }
    int count() const { return columns ? grid().cols : grid().rows; }
    int length() const { return columns ? grid().rows : grid().cols; }
    std::size_t node(int line, int pos) const {
        return columns ? grid().node(pos, line) : grid().node(line, pos);
    }
    int labels(int line, int pos) const { return field.count(node(line, pos)); }
    const double* unary(int line, int pos, double* scratch) const {
        return columns ? field.unary(pos, line, scratch) : field.unary(line, pos, scratch);
    }
    const double* along(int line, int pos, double* scratch) const {
        return columns ? field.vertical(pos, line, scratch) : field.horizontal(line, pos, scratch);
    }
    const double* across(int line, int pos, double* scratch) const {
        return columns ? field.horizontal(pos, line, scratch) : field.vertical(line, pos, scratch);
    }
    double along_at(int line, int pos, Position a, Position b) const {
        return columns ? field.vertical_at(pos, line, a, b) : field.horizontal_at(line, pos, a, b);
    }
    double across_at(int line, int pos, Position a, Position b) const {
        return columns ? field.horizontal_at(pos, line, a, b) : field.vertical_at(line, pos, a, b);
    }
};

}  // namespace metafast::mrf

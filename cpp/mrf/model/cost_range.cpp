#include "mrf/model/cost_range.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace metafast::mrf {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Calls visit(table, entries) for all tables over the open labels.
template <class Visit>
void for_each_table(const Field& field, Visit visit) {
    const Grid& grid = field.grid;
    std::vector<double> scratch(grid.pairs());
    for (int r = 0; r < grid.rows; ++r) {
        for (int c = 0; c < grid.cols; ++c) {
            const std::size_t count = field.count(grid.node(r, c));
            visit(field.unary(r, c, scratch.data()), count);
            if (c + 1 < grid.cols) {
                visit(field.horizontal(r, c, scratch.data()),
                      count * field.count(grid.node(r, c + 1)));
            }
            if (r + 1 < grid.rows) {
                visit(field.vertical(r, c, scratch.data()),
                      count * field.count(grid.node(r + 1, c)));
            }
        }
    }
}

}  // namespace

CostRange measure(const Field& field) {
    CostRange range;
    for_each_table(field, [&](const double* table, std::size_t entries) {
        double least = kInfinity, most = -kInfinity;
        for (std::size_t i = 0; i < entries; ++i) {
            least = std::min(least, table[i]);
            most = std::max(most, std::isinf(table[i]) ? -kInfinity : table[i]);
        }
        if (std::isinf(least)) return;
        range.base.add(least);
        range.widest = std::max(range.widest, most - least);
    });
    return range;
}

double penalty(const Field& field) {
    bool forbidden = false;
    double penalty = 1.0;
    for_each_table(field, [&](const double* table, std::size_t entries) {
        double most = 0.0;
        for (std::size_t i = 0; i < entries; ++i) {
            const bool infinite = std::isinf(table[i]);
            forbidden = forbidden || infinite;
            most = std::max(most, infinite ? 0.0 : std::fabs(table[i]));
        }
        penalty += 2.0 * most;
    });
    return forbidden ? penalty : kInfinity;
}

double cost_cutoff(const CostRange& range, double energy) {
    return 2.0 * std::max(energy - range.base.lower(), 0.0);
}

}  // namespace metafast::mrf

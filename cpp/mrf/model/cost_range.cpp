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
    std::vector<double> room(grid.pairs());
    for (int r = 0; r < grid.rows; ++r) {
        for (int c = 0; c < grid.cols; ++c) {
            const std::size_t count = field.count(grid.node(r, c));
            visit(field.unary(r, c, room.data()), count);
            if (c + 1 < grid.cols) {
                visit(field.horizontal(r, c, room.data()),
                      count * field.count(grid.node(r, c + 1)));
            }
            if (r + 1 < grid.rows) {
                visit(field.vertical(r, c, room.data()), count * field.count(grid.node(r + 1, c)));
            }
        }
    }
}

}  // namespace

Range measure(const Field& field) {
    Range range;
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

double affordable(const Range& range, double energy) {
    return 2.0 * std::max(energy - range.base.lower(), 0.0);
}

Labelling greedy(const Field& field) {
    const Lines lines{field, false};
    const LabelSets& sets = field.sets;
    std::vector<int> x(field.grid.nodes());  // positions in the sets
    Labelling labelling(x.size());
    std::vector<double> cost(field.grid.labels), room(field.grid.pairs());
    for (int r = 0; r < field.grid.rows; ++r) {
        for (int c = 0; c < field.grid.cols; ++c) {
            const std::size_t node = lines.node(r, c);
            const int count = field.count(node);
            std::copy_n(lines.unary(r, c, room.data()), count, cost.begin());
            if (c > 0) {
                const double* edge = lines.along(r, c - 1, room.data()) + x[node - 1] * count;
                for (int b = 0; b < count; ++b) cost[b] += edge[b];
            }
            if (r > 0) {
                const double* edge =
                    lines.across(r - 1, c, room.data()) + x[lines.node(r - 1, c)] * count;
                for (int b = 0; b < count; ++b) cost[b] += edge[b];
            }
            const auto begin = cost.begin();
            x[node] = static_cast<int>(std::min_element(begin, begin + count) - begin);
            labelling[node] = sets.at(node)[x[node]];
        }
    }
    return labelling;
}

}  // namespace metafast::mrf

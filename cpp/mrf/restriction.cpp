#include "mrf/restriction.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace metafast::mrf {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Calls visit(table, entries) for all tables in the order unary, horizontal, vertical.
template <class Visit>
void for_each_table(const Grid& grid, Visit visit) {
    const std::size_t labels = grid.labels;
    for (std::size_t i = 0; i < grid.nodes(); ++i) visit(grid.unary + i * labels, labels);
    for (std::size_t i = 0; i < grid.horizontal_edges(); ++i) {
        visit(grid.horizontal + i * grid.pairs(), grid.pairs());
    }
    for (std::size_t i = 0; i < grid.vertical_edges(); ++i) {
        visit(grid.vertical + i * grid.pairs(), grid.pairs());
    }
}

// The grid with tables in `storage`, filled by change(table, entries, to).
template <class Change>
Grid rewritten(const Grid& grid, std::vector<double>& storage, Change change) {
    const std::size_t edges = grid.horizontal_edges() + grid.vertical_edges();
    storage.resize(grid.nodes() * grid.labels + edges * grid.pairs());
    double* to = storage.data();
    for_each_table(grid, [&](const double* table, std::size_t entries) {
        change(table, entries, to);
        to += entries;
    });
    Grid result = grid;
    result.unary = storage.data();
    result.horizontal = result.unary + grid.nodes() * grid.labels;
    result.vertical = result.horizontal + grid.horizontal_edges() * grid.pairs();
    return result;
}

}  // namespace

Range measure(const Grid& grid) {
    Range range;
    for_each_table(grid, [&](const double* table, std::size_t entries) {
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

Grid penalised(const Grid& grid, std::vector<double>& storage) {
    bool forbidden = false;
    double penalty = 1.0;
    for_each_table(grid, [&](const double* table, std::size_t entries) {
        double most = 0.0;
        for (std::size_t i = 0; i < entries; ++i) {
            const bool infinite = std::isinf(table[i]);
            forbidden = forbidden || infinite;
            most = std::max(most, infinite ? 0.0 : std::fabs(table[i]));
        }
        penalty += 2.0 * most;
    });
    if (!forbidden) return grid;
    return rewritten(grid, storage, [&](const double* table, std::size_t entries, double* to) {
        for (std::size_t i = 0; i < entries; ++i) to[i] = std::isinf(table[i]) ? penalty : table[i];
    });
}

double affordable(const Range& range, double energy) {
    return 2.0 * std::max(energy - range.base.lower(), 0.0);
}

Grid restricted(const Grid& grid, double excess, std::vector<double>& storage) {
    return rewritten(grid, storage, [&](const double* table, std::size_t entries, double* to) {
        const double least = *std::min_element(table, table + entries);
        for (std::size_t i = 0; i < entries; ++i) {
            to[i] = table[i] - least > excess ? kInfinity : table[i];
        }
    });
}

Labelling greedy(const Grid& grid) {
    const std::size_t labels = grid.labels;
    const Lines lines{grid, false};
    Labelling x(grid.nodes());
    std::vector<double> cost(labels);
    for (int r = 0; r < grid.rows; ++r) {
        for (int c = 0; c < grid.cols; ++c) {
            std::copy_n(lines.unary(r, c), labels, cost.begin());
            if (c > 0) {
                const double* edge = lines.along(r, c - 1) + x[lines.node(r, c - 1)] * labels;
                for (std::size_t b = 0; b < labels; ++b) cost[b] += edge[b];
            }
            if (r > 0) {
                const double* edge = lines.across(r - 1, c) + x[lines.node(r - 1, c)] * labels;
                for (std::size_t b = 0; b < labels; ++b) cost[b] += edge[b];
            }
            x[lines.node(r, c)] = static_cast<Label>(
                std::min_element(cost.begin(), cost.end()) - cost.begin());
        }
    }
    return x;
}

}  // namespace metafast::mrf

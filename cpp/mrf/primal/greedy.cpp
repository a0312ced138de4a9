#include "mrf/primal/greedy.hpp"

#include <algorithm>

namespace metafast::mrf {

Labelling greedy(const Field& field) {
    const Lines lines{field, false};
    Positions x(field.grid.nodes());
    std::vector<double> cost(field.grid.labels), scratch(field.grid.pairs());
    for (int r = 0; r < field.grid.rows; ++r) {
        for (int c = 0; c < field.grid.cols; ++c) {
            const std::size_t node = lines.node(r, c);
            const int count = field.count(node);
            std::copy_n(lines.unary(r, c, scratch.data()), count, cost.begin());
            if (c > 0) {
                const double* edge =
                    lines.along(r, c - 1, scratch.data()) + index(x[node - 1]) * count;
                for (int b = 0; b < count; ++b) cost[b] += edge[b];
            }
            if (r > 0) {
                const double* edge =
                    lines.across(r - 1, c, scratch.data()) + index(x[lines.node(r - 1, c)]) * count;
                for (int b = 0; b < count; ++b) cost[b] += edge[b];
            }
            const auto begin = cost.begin();
            x[node] = Position(std::min_element(begin, begin + count) - begin);
        }
    }
    return field.sets.labelling(x);
}

}  // namespace metafast::mrf

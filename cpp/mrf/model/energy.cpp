#include "mrf/model/energy.hpp"

namespace metafast::mrf {

CompensatedSum energy(const Grid& grid, const Labelling& x) {
    CompensatedSum sum;
    const std::size_t labels = grid.labels;
    for (int r = 0; r < grid.rows; ++r) {
        for (int c = 0; c < grid.cols; ++c) {
            const std::size_t node = grid.node(r, c), row = x[node] * labels;
            sum.add(grid.unary.at(r, c, x[node]));
            if (c + 1 < grid.cols) sum.add(grid.horizontal.at(r, c, row + x[node + 1]));
            if (r + 1 < grid.rows) sum.add(grid.vertical.at(r, c, row + x[node + grid.cols]));
        }
    }
    return sum;
}

}  // namespace metafast::mrf

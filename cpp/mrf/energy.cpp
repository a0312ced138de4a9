#include "mrf/energy.hpp"

namespace metafast::mrf {

namespace {

void add_along(const Lines& lines, const Labelling& x, CompensatedSum& sum) {
    for (int line = 0; line < lines.count(); ++line) {
        for (int pos = 0; pos + 1 < lines.length(); ++pos) {
            const Label a = x[lines.node(line, pos)];
            const Label b = x[lines.node(line, pos + 1)];
            sum.add(lines.along(line, pos)[static_cast<std::size_t>(a) * lines.grid.labels + b]);
        }
    }
}

}  // namespace

CompensatedSum energy(const Grid& grid, const Labelling& labelling) {
    CompensatedSum sum;
    for (std::size_t node = 0; node < grid.nodes(); ++node) {
        sum.add(grid.unary[node * grid.labels + labelling[node]]);
    }
    add_along(Lines{grid, false}, labelling, sum);
    add_along(Lines{grid, true}, labelling, sum);
    return sum;
}

}  // namespace metafast::mrf

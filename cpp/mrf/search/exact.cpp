#include "mrf/search/exact.hpp"

#include <algorithm>
#include <vector>

#include "mrf/strips/frontier.hpp"

namespace metafast::mrf {

double exact_work(const Lines& lines) { return Frontier::work(lines, 0, lines.count()); }

double exact_memory(const Lines& lines) { return Frontier::memory(lines, 0, lines.count()); }

bool solve_exactly(const Lines& lines, Incumbent& incumbent,
                   const std::function<bool()>& should_stop, double floor) {
    Frontier frontier(lines.count());
    frontier.lay_out(lines, 0);
    std::vector<double> scratch(lines.grid().pairs());
    for (int pos = 0; pos < lines.length(); ++pos) {
        for (int q = 0; q < lines.count(); ++q) {
            std::copy_n(lines.unary(q, pos, scratch.data()), lines.labels(q, pos),
                        frontier.cost(q, pos));
        }
    }
    if (!frontier.solve(lines, 0, true, should_stop)) return false;
    Positions best(lines.grid().nodes());
    for (int pos = 0; pos < lines.length(); ++pos) {
        for (int q = 0; q < lines.count(); ++q) {
            best[lines.node(q, pos)] = frontier.chosen(q, pos);
        }
    }
    incumbent.offer(lines.field.sets.labelling(best));
    const double bound = frontier.bound().lower();
    incumbent.offer_bound(std::min(bound, floor), frontier.value() - bound);
    return true;
}

}  // namespace metafast::mrf

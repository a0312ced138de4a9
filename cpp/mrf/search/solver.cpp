#include "mrf/search/solver.hpp"

#include <algorithm>
#include <chrono>

#include "mrf/strips/frontier.hpp"
#include "mrf/primal/greedy.hpp"
#include "mrf/search/incumbent.hpp"
#include "mrf/model/cost_range.hpp"
#include "mrf/search/search.hpp"

namespace metafast::mrf {

namespace {

bool solve_exactly(const Lines& lines, const Options& options, Incumbent& incumbent) {
    Frontier frontier(lines.count());
    frontier.lay_out(lines, 0);
    std::vector<double> scratch(lines.grid().pairs());
    for (int pos = 0; pos < lines.length(); ++pos) {
        for (int q = 0; q < lines.count(); ++q) {
            std::copy_n(lines.unary(q, pos, scratch.data()), lines.labels(q, pos),
                        frontier.cost(q, pos));
        }
    }
    if (!frontier.solve(lines, 0, true, options.should_stop)) return false;
    Positions best(lines.grid().nodes());
    for (int pos = 0; pos < lines.length(); ++pos) {
        for (int q = 0; q < lines.count(); ++q) {
            best[lines.node(q, pos)] = frontier.chosen(q, pos);
        }
    }
    incumbent.offer(lines.field.sets.labelling(best));
    const double bound = frontier.bound().lower();
    incumbent.offer_bound(bound, frontier.value() - bound);
    return true;
}

}  // namespace

Result solve(const Grid& grid, const Options& options) {
    const auto start = std::chrono::steady_clock::now();
    Result result;
    Incumbent incumbent(grid, options.gap, result);
    const LabelSets sets(grid);
    const Lines lines{Field{grid, sets}, grid.cols < grid.rows};
    if (lines.count() == 1 || Frontier::work(lines, 0, lines.count()) <= options.exact_work) {
        if (!options.initial.empty()) incumbent.offer(options.initial);
        if (!solve_exactly(lines, options, incumbent)) {
            Field finite = lines.field;
            finite.penalty = penalty(finite);
            incumbent.offer(greedy(finite));
        }
        const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start;
        result.history.push_back({0.0, passed.count(), result.lower_bound, result.energy});
        return result;
    }
    Search(grid, options, result, incumbent).run();
    return result;
}

}  // namespace metafast::mrf

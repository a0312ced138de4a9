#include "mrf/search/solver.hpp"

#include <chrono>

#include "mrf/primal/greedy.hpp"
#include "mrf/search/incumbent.hpp"
#include "mrf/model/cost_range.hpp"
#include "mrf/search/exact.hpp"
#include "mrf/search/search.hpp"

namespace metafast::mrf {

Result solve(const Grid& grid, const Options& options) {
    const auto start = std::chrono::steady_clock::now();
    Result result;
    Incumbent incumbent(grid, options.gap, result);
    const LabelSets sets(grid);
    const Lines lines{Field{grid, sets}, grid.cols < grid.rows};
    if (lines.count() == 1 || exact_work(lines) <= options.exact_work) {
        if (!options.initial.empty()) incumbent.offer(options.initial);
        if (!solve_exactly(lines, incumbent, options.should_stop)) {
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

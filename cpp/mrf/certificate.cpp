#include "mrf/certificate.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include "mrf/frontier.hpp"
#include "threads/stop_flag.hpp"

namespace metafast::mrf {

namespace {

// The greatest float64 known to be at most a - b.
double subtract_down(double a, double b) {
    const double difference = a - b;
    const double part = a - difference;
    const double error = (a - (difference + part)) + (part - b);
    return error < 0.0 ? std::nextafter(difference, -std::numeric_limits<double>::infinity())
                       : difference;
}

// Row copy: the float64 nearest unary/2 + multiplier is taken as its definition. The column copy is
// what remains, rounded down, so that both together never exceed the unary.
void chain_costs(const Grid& grid, const double* unary, const double* multiplier, bool columns,
                 double* cost) {
    for (int k = 0; k < grid.labels; ++k) {
        const double row = 0.5 * unary[k] + multiplier[k];
        cost[k] = columns && std::isfinite(row) ? subtract_down(unary[k], row) : row;
    }
}

}  // namespace

Certificate certify(const Grid& grid, const std::vector<double>& multipliers, ThreadPool& pool,
                    const std::function<bool()>& should_stop) {
    Certificate result;
    StopFlag stop(should_stop);
    result.rows.resize(grid.nodes());
    result.cols.resize(grid.nodes());
    const int lines_total = grid.rows + grid.cols;
    std::vector<CompensatedSum> bounds(lines_total);
    std::vector<double> values(lines_total);
    std::vector<std::unique_ptr<Frontier>> row_solver(pool.size()), col_solver(pool.size());

    pool.run(lines_total, [&](int task, int worker) {
        const bool columns = task >= grid.rows;
        const Lines lines{grid, columns};
        const int line = columns ? task - grid.rows : task;
        auto& solver = (columns ? col_solver : row_solver)[worker];
        if (!solver) solver = std::make_unique<Frontier>(1, lines.length(), grid.labels);
        for (int pos = 0; pos < lines.length(); ++pos) {
            const std::size_t at = lines.node(line, pos) * grid.labels;
            chain_costs(grid, grid.unary + at, &multipliers[at], columns, solver->cost(0, pos));
        }
        if (!solver->solve(lines, line, [&] { return stop(worker); })) return;
        bounds[task] = solver->bound();
        values[task] = solver->value();
        Labelling& labelling = columns ? result.cols : result.rows;
        for (int pos = 0; pos < lines.length(); ++pos) {
            const Label chosen = solver->chosen(0, pos);
            labelling[lines.node(line, pos)] = chosen;
            if (columns) values[task] += DBL_EPSILON * std::fabs(solver->cost(0, pos)[chosen]);
        }
    });
    if (stop(0)) {
        result.bound.add(-std::numeric_limits<double>::infinity());
        return result;
    }

    CompensatedSum value;
    for (int line = 0; line < lines_total; ++line) {
        result.bound.add(bounds[line]);
        value.add(values[line]);
    }
    result.margin = value.value() - result.bound.lower();
    return result;
}

}  // namespace metafast::mrf

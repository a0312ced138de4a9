#include "mrf/dual/certificate.hpp"

#include <algorithm>

#include "mrf/dual/copies.hpp"
#include "threads/stop_flag.hpp"

namespace metafast::mrf {

Certificate certify_chains(const Field& field, const std::vector<double>& multipliers,
                           ThreadPool& pool, const Demand& demand) {
    const Grid& grid = field.grid;
    const LabelSets& sets = field.sets;
    const int total = grid.rows + grid.cols;
    StopFlag stop(demand.should_stop);
    std::vector<Part> parts(total);
    std::vector<StripMarginals> solvers(pool.size());
    std::vector<double> by_rows(demand.excess ? sets.total() : 0), by_cols(by_rows);

    pool.run(total, [&](int task, int worker) {
        if (stop(worker)) return;
        const bool columns = task >= grid.rows;
        const Lines lines{field, columns};
        const int line = columns ? task - grid.rows : task;
        const int length = lines.length();
        StripMarginals& chain = solvers[worker];
        std::vector<std::vector<int>> labels(1);
        for (int pos = 0; pos < length; ++pos) labels[0].push_back(lines.labels(line, pos));
        chain.lay_out(labels);
        std::vector<double> room(grid.pairs());
        for (int pos = 0; pos < length; ++pos) {
            const double* unary = lines.unary(line, pos, room.data());
            const double* multiplier = &multipliers[sets.offset(lines.node(line, pos))];
            double* node = chain.node(0, pos);
            for (int k = 0; k < labels[0][pos]; ++k) {
                node[k] = columns ? second_copy(unary[k], multiplier[k])
                                  : first_copy(unary[k], multiplier[k]);
            }
            if (pos + 1 == length) continue;
            const double* edge = lines.along(line, pos, room.data());
            std::copy_n(edge, static_cast<std::size_t>(labels[0][pos]) * labels[0][pos + 1],
                        chain.along(0, pos));
        }
        if (!chain.solve(demand.excess, [&] { return stop(worker); })) return;
        std::vector<double> rounded;
        for (int pos = 0; pos < length && columns; ++pos) {
            const double* unary = lines.unary(line, pos, room.data());
            const int k = chain.chosen(0, pos);
            rounded.push_back(
                second_copy(unary[k], multipliers[sets.offset(lines.node(line, pos)) + k]));
        }
        parts[task] = solved(chain, rounded);
        if (!demand.excess) return;
        for (int pos = 0; pos < length; ++pos) {
            double* to = &(columns ? by_cols : by_rows)[sets.offset(lines.node(line, pos))];
            for (int k = 0; k < labels[0][pos]; ++k) to[k] = chain.excess(0, pos, k);
        }
    });
    if (stop(0)) return nothing();
    Certificate result = added_up(parts);
    for (std::size_t i = 0; i < by_rows.size(); ++i) by_rows[i] += by_cols[i];
    result.excess = std::move(by_rows);
    return result;
}

}  // namespace metafast::mrf

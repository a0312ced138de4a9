#include "mrf/certificate.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "mrf/strip_marginals.hpp"
#include "threads/stop_flag.hpp"

namespace metafast::mrf {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// The greatest float64 known to be at most a - b.
double subtract_down(double a, double b) {
    const double difference = a - b;
    const double part = a - difference;
    const double error = (a - (difference + part)) + (part - b);
    return error < 0.0 ? std::nextafter(difference, -kInfinity) : difference;
}

double first_copy(double cost, double multiplier) { return 0.5 * cost + multiplier; }

double second_copy(double cost, double multiplier) {
    const double first = first_copy(cost, multiplier);
    return std::isfinite(first) ? subtract_down(cost, first) : first;
}

// What one chain or strip contributes.
struct Part {
    CompensatedSum bound;
    double value = 0.0;  // without what was rounded down
};

Part solved(StripMarginals& strip, const std::vector<double>& rounded) {
    Part part{strip.bound(), strip.value()};
    for (const double cost : rounded) part.value += DBL_EPSILON * std::fabs(cost);
    return part;
}

Certificate added_up(const std::vector<Part>& parts) {
    Certificate result;
    CompensatedSum value;
    for (const Part& part : parts) {
        result.bound.add(part.bound);
        value.add(part.value);
    }
    result.margin = value.value() - result.bound.lower();
    return result;
}

Certificate nothing() {
    Certificate result;
    result.bound.add(-kInfinity);
    return result;
}

}  // namespace

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
        const bool columns = task >= grid.rows;
        const Lines lines{field, columns};
        const int line = columns ? task - grid.rows : task;
        const int length = lines.length();
        StripMarginals& chain = solvers[worker];
        std::vector<int> labels[2] = {std::vector<int>(length, 1), std::vector<int>(length)};
        for (int pos = 0; pos < length; ++pos) labels[1][pos] = lines.labels(line, pos);
        chain.lay_out(length, labels);
        std::vector<double> room(grid.pairs());
        std::vector<const double*> own(length);
        for (int pos = 0; pos < length; ++pos) {
            const double* unary = lines.unary(line, pos, room.data());
            const double* multiplier = &multipliers[sets.offset(lines.node(line, pos))];
            double* node = chain.node(1, pos);
            for (int k = 0; k < labels[1][pos]; ++k) {
                node[k] = columns ? second_copy(unary[k], multiplier[k])
                                  : first_copy(unary[k], multiplier[k]);
            }
            if (pos + 1 == length) continue;
            const double* edge = lines.along(line, pos, room.data());
            std::copy_n(edge, static_cast<std::size_t>(labels[1][pos]) * labels[1][pos + 1],
                        chain.along(1, pos));
        }
        if (!chain.solve(demand.excess, [&] { return stop(worker); })) return;
        std::vector<double> rounded;
        for (int pos = 0; pos < length && columns; ++pos) {
            const double* unary = lines.unary(line, pos, room.data());
            const int k = chain.chosen(1, pos);
            rounded.push_back(
                second_copy(unary[k], multipliers[sets.offset(lines.node(line, pos)) + k]));
        }
        parts[task] = solved(chain, rounded);
        if (!demand.excess) return;
        for (int pos = 0; pos < length; ++pos) {
            double* to = &(columns ? by_cols : by_rows)[sets.offset(lines.node(line, pos))];
            for (int k = 0; k < labels[1][pos]; ++k) to[k] = chain.excess(1, pos, k);
        }
    });
    if (stop(0)) return nothing();
    Certificate result = added_up(parts);
    for (std::size_t i = 0; i < by_rows.size(); ++i) by_rows[i] += by_cols[i];
    result.excess = std::move(by_rows);
    return result;
}

Certificate certify_strips(const Lines& lines, const StripSplit& split, ThreadPool& pool,
                           const Demand& demand) {
    const LabelSets& sets = lines.field.sets;
    const int strips = lines.count() - 1, length = lines.length();
    StopFlag stop(demand.should_stop);
    std::vector<Part> parts(strips);
    std::vector<StripMarginals> solvers(pool.size());
    std::vector<double> by_slot[2];
    for (auto& excess : by_slot) excess.assign(demand.excess ? sets.total() : 0, 0.0);

    pool.run(strips, [&](int strip, int worker) {
        StripMarginals& solver = solvers[worker];
        std::vector<int> labels[2];
        for (int slot = 0; slot < 2; ++slot) {
            for (int pos = 0; pos < length; ++pos) {
                labels[slot].push_back(lines.labels(strip + slot, pos));
            }
        }
        solver.lay_out(length, labels);
        std::vector<double> room(lines.grid().pairs());
        // The copy of a cost in this strip; the first and the last line are not shared.
        auto copy = [&](int slot, double cost, float multiplier) {
            const int line = strip + slot;
            if (line == 0 || line + 1 == lines.count()) return cost;
            const double m = split.scale * static_cast<double>(multiplier);
            return slot == 0 ? first_copy(cost, m) : second_copy(cost, m);
        };
        for (int pos = 0; pos < length; ++pos) {
            for (int slot = 0; slot < 2; ++slot) {
                const int line = strip + slot, count = labels[slot][pos];
                const double* unary = lines.unary(line, pos, room.data());
                const float* multiplier = split.node(lines.node(line, pos), sets);
                double* node = solver.node(slot, pos);
                for (int k = 0; k < count; ++k) node[k] = copy(slot, unary[k], multiplier[k]);
                if (pos + 1 == length) continue;
                const double* edge = lines.along(line, pos, room.data());
                const float* turn = split.edge(line, pos);
                double* along = solver.along(slot, pos);
                for (int i = 0; i < count * labels[slot][pos + 1]; ++i) {
                    along[i] = copy(slot, edge[i], turn[i]);
                }
            }
            const double* edge = lines.across(strip, pos, room.data());
            std::copy_n(edge, static_cast<std::size_t>(labels[0][pos]) * labels[1][pos],
                        solver.across(pos));
        }
        if (!solver.solve(demand.excess, [&] { return stop(worker); })) return;

        std::vector<double> rounded;
        const int lower = strip + 1;
        for (int pos = 0; pos < length && lower + 1 < lines.count(); ++pos) {
            const int k = solver.chosen(1, pos);
            rounded.push_back(copy(1, lines.unary(lower, pos, room.data())[k],
                                   split.node(lines.node(lower, pos), sets)[k]));
            if (pos + 1 == length) continue;
            const int i = k * labels[1][pos + 1] + solver.chosen(1, pos + 1);
            rounded.push_back(copy(1, lines.along(lower, pos, room.data())[i],
                                   split.edge(lower, pos)[i]));
        }
        parts[strip] = solved(solver, rounded);
        if (!demand.excess) return;
        for (int pos = 0; pos < length; ++pos) {
            for (int slot = 0; slot < 2; ++slot) {
                double* to = &by_slot[slot][sets.offset(lines.node(strip + slot, pos))];
                for (int k = 0; k < labels[slot][pos]; ++k) to[k] = solver.excess(slot, pos, k);
            }
        }
    });
    if (stop(0)) return nothing();
    Certificate result = added_up(parts);
    for (std::size_t i = 0; i < by_slot[0].size(); ++i) by_slot[0][i] += by_slot[1][i];
    result.excess = std::move(by_slot[0]);
    return result;
}

}  // namespace metafast::mrf

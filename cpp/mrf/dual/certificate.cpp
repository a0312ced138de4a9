#include "mrf/dual/certificate.hpp"

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <limits>
#include <utility>

#include "mrf/dual/copies.hpp"
#include "mrf/strips/strip_marginals.hpp"
#include "threads/stop_flag.hpp"

namespace metafast::mrf {

namespace {

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

// What is left of a certificate that was asked to stop.
Certificate void_certificate() {
    Certificate result;
    result.bound.add(-std::numeric_limits<double>::infinity());
    return result;
}

// What a part pays of the costs in one table: all of them, or one of their two copies.
enum class Pays { all, first_copies, second_copies };

template <class Multiplier>
struct Share {
    Pays pays;
    const Multiplier* multipliers;
    double scale;

    double of(double cost, std::size_t entry) const {
        if (pays == Pays::all) return cost;
        const double multiplier = scale * static_cast<double>(multipliers[entry]);
        return pays == Pays::first_copies ? first_copy(cost, multiplier)
                                          : second_copy(cost, multiplier);
    }
};

// One chain, a strip of one line: rows pay the first copies of the nodes, columns the second ones,
// and every edge is held once.
struct ChainCosts {
    static constexpr bool kEdgesHaveCopies = false;

    Lines lines;
    int first;
    const std::vector<double>& multipliers;

    int width() const { return 1; }
    int line(int) const { return first; }
    bool holds(int) const { return true; }
    bool second(int) const { return lines.columns; }
    Share<double> node(int, int pos) const {
        const std::size_t begin = lines.field.sets.offset(lines.node(first, pos));
        return {lines.columns ? Pays::second_copies : Pays::first_copies, &multipliers[begin], 1.0};
    }
    Share<double> along(int, int) const { return {Pays::all, nullptr, 1.0}; }
};

// One strip: of shared lines slot 0 pays the first copies and the last slot the second ones.
struct StripCosts {
    static constexpr bool kEdgesHaveCopies = true;

    const StripLayout& layout;
    int strip;
    const StripSplit& split;
    const Lines& lines = layout.lines;

    int width() const { return layout.width; }
    int line(int slot) const { return layout.line(strip, slot); }
    bool holds(int slot) const { return layout.holds(line(slot)); }
    bool second(int slot) const { return slot + 1 == layout.width && layout.shared(line(slot)); }
    Share<float> node(int slot, int pos) const {
        const std::size_t node = lines.node(line(slot), pos);
        return {pays(slot), split.node(node, lines.field.sets), split.scale};
    }
    Share<float> along(int slot, int pos) const {
        return {pays(slot), split.edge(line(slot), pos), split.scale};
    }

private:
    Pays pays(int slot) const {
        if (second(slot)) return Pays::second_copies;
        return slot == 0 && layout.shared(line(slot)) ? Pays::first_copies : Pays::all;
    }
};

template <class Costs>
std::vector<std::vector<int>> label_counts(const Costs& costs) {
    std::vector<std::vector<int>> counts(costs.width());
    for (int slot = 0; slot < costs.width(); ++slot) {
        for (int pos = 0; pos < costs.lines.length(); ++pos) {
            const int line = costs.line(slot);
            counts[slot].push_back(costs.holds(slot) ? costs.lines.labels(line, pos) : 1);
        }
    }
    return counts;
}

template <class Costs>
void write(const Costs& costs, double* scratch, StripMarginals& solver) {
    const Lines& lines = costs.lines;
    for (int slot = 0; slot < costs.width() && costs.holds(slot); ++slot) {
        const int line = costs.line(slot);
        for (int pos = 0; pos < lines.length(); ++pos) {
            const int count = lines.labels(line, pos);
            const double* unary = lines.unary(line, pos, scratch);
            double* node = solver.node(slot, pos);
            const auto share = costs.node(slot, pos);
            for (int k = 0; k < count; ++k) node[k] = share.of(unary[k], k);
            if (pos + 1 < lines.length()) {
                const double* edge = lines.along(line, pos, scratch);
                double* along = solver.along(slot, pos);
                const auto part = costs.along(slot, pos);
                const int entries = count * lines.labels(line, pos + 1);
                for (int i = 0; i < entries; ++i) along[i] = part.of(edge[i], i);
            }
            if (slot + 1 < costs.width() && costs.holds(slot + 1)) {
                const double* edge = lines.across(line, pos, scratch);
                const int below = lines.labels(line + 1, pos);
                std::copy_n(edge, static_cast<std::size_t>(count) * below,
                            solver.across(slot, pos));
            }
        }
    }
}

// Costs of the best labels that were rounded down.
template <class Costs>
std::vector<double> rounded(const Costs& costs, double* scratch, const StripMarginals& solver) {
    std::vector<double> result;
    const int slot = costs.width() - 1, line = costs.line(slot);
    if (!costs.second(slot)) return result;
    const Lines& lines = costs.lines;
    for (int pos = 0; pos < lines.length(); ++pos) {
        const std::size_t k = index(solver.chosen(slot, pos));
        result.push_back(costs.node(slot, pos).of(lines.unary(line, pos, scratch)[k], k));
        if (pos + 1 == lines.length() || !Costs::kEdgesHaveCopies) continue;
        const std::size_t i =
            k * lines.labels(line, pos + 1) + index(solver.chosen(slot, pos + 1));
        result.push_back(costs.along(slot, pos).of(lines.along(line, pos, scratch)[i], i));
    }
    return result;
}

// Solves the parts costs_of(0..count-1). Nodes with two copies have a min-marginal in two parts.
template <class CostsOf>
Certificate certify(int count, const Field& field, CostsOf costs_of, ThreadPool& pool,
                    const CertifyOptions& options) {
    const LabelSets& sets = field.sets;
    StopFlag stop(options.should_stop);
    std::vector<Part> parts(count);
    std::vector<StripMarginals> solvers(pool.size());
    std::vector<double> excess(options.min_marginals ? sets.total() : 0, 0.0), of_second(excess);

    pool.run(count, [&](int task, int worker) {
        if (stop(worker)) return;
        StripMarginals& solver = solvers[worker];
        const auto costs = costs_of(task);
        std::vector<double> scratch(field.grid.pairs());
        solver.lay_out(label_counts(costs));
        write(costs, scratch.data(), solver);
        if (!solver.solve(options.min_marginals, [&] { return stop(worker); })) return;
        parts[task] = solved(solver, rounded(costs, scratch.data(), solver));
        if (!options.min_marginals) return;
        for (int slot = 0; slot < costs.width() && costs.holds(slot); ++slot) {
            auto& to = costs.second(slot) ? of_second : excess;
            for (int pos = 0; pos < costs.lines.length(); ++pos) {
                const std::size_t node = costs.lines.node(costs.line(slot), pos);
                for (int k = 0; k < sets.count(node); ++k) {
                    to[sets.offset(node) + k] = solver.min_marginal_excess(slot, pos, Position(k));
                }
            }
        }
    });
    if (stop(0)) return void_certificate();
    Certificate result = added_up(parts);
    for (std::size_t i = 0; i < excess.size(); ++i) excess[i] += of_second[i];
    result.min_marginal_excess = std::move(excess);
    return result;
}

}  // namespace

Certificate certify_chains(const Field& field, const std::vector<double>& multipliers,
                           ThreadPool& pool, const CertifyOptions& options) {
    const int rows = field.grid.rows;
    auto costs_of = [&](int task) {
        const bool columns = task >= rows;
        return ChainCosts{Lines{field, columns}, columns ? task - rows : task, multipliers};
    };
    return certify(rows + field.grid.cols, field, costs_of, pool, options);
}

Certificate certify_strips(const StripLayout& layout, const StripSplit& split, ThreadPool& pool,
                           const CertifyOptions& options) {
    auto costs_of = [&](int strip) { return StripCosts{layout, strip, split}; };
    return certify(layout.strips(), layout.lines.field, costs_of, pool, options);
}

}  // namespace metafast::mrf

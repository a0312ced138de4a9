#include <algorithm>

#include "mrf/dual/certificate.hpp"
#include "mrf/dual/copies.hpp"
#include "threads/stop_flag.hpp"

namespace metafast::mrf {

namespace {

// Costs of one strip, as its copies have them.
class StripCosts {
public:
    StripCosts(const StripLayout& layout, const StripSplit& split, int strip)
        : layout_(layout), split_(split), strip_(strip), room_(layout.lines.grid().pairs()) {}

    std::vector<std::vector<int>> labels() const {
        std::vector<std::vector<int>> labels(layout_.width);
        for (int slot = 0; slot < layout_.width; ++slot) {
            for (int pos = 0; pos < layout_.lines.length(); ++pos) {
                labels[slot].push_back(layout_.labels(line(slot), pos));
            }
        }
        return labels;
    }

    void write(StripMarginals& solver) {
        const Lines& lines = layout_.lines;
        for (int slot = 0; slot < layout_.width && layout_.holds(line(slot)); ++slot) {
            for (int pos = 0; pos < lines.length(); ++pos) {
                const int count = lines.labels(line(slot), pos);
                const double* unary = lines.unary(line(slot), pos, room_.data());
                const float* multiplier = node_multipliers(slot, pos);
                double* node = solver.node(slot, pos);
                for (int k = 0; k < count; ++k) node[k] = copy(slot, unary[k], multiplier[k]);
                if (pos + 1 < lines.length()) {
                    const double* edge = lines.along(line(slot), pos, room_.data());
                    const float* turn = split_.edge(line(slot), pos);
                    double* along = solver.along(slot, pos);
                    for (int i = 0; i < count * lines.labels(line(slot), pos + 1); ++i) {
                        along[i] = copy(slot, edge[i], turn[i]);
                    }
                }
                if (slot + 1 < layout_.width && layout_.holds(line(slot + 1))) {
                    const double* edge = lines.across(line(slot), pos, room_.data());
                    const int below = lines.labels(line(slot + 1), pos);
                    std::copy_n(edge, static_cast<std::size_t>(count) * below,
                                solver.across(slot, pos));
                }
            }
        }
    }

    // Costs of the best labels that were rounded down.
    std::vector<double> rounded(const StripMarginals& solver) {
        std::vector<double> costs;
        const int slot = layout_.width - 1;
        const Lines& lines = layout_.lines;
        if (!layout_.shared(line(slot))) return costs;
        for (int pos = 0; pos < lines.length(); ++pos) {
            const int k = solver.chosen(slot, pos);
            costs.push_back(copy(slot, lines.unary(line(slot), pos, room_.data())[k],
                                 node_multipliers(slot, pos)[k]));
            if (pos + 1 == lines.length()) break;
            const int i = k * lines.labels(line(slot), pos + 1) + solver.chosen(slot, pos + 1);
            costs.push_back(copy(slot, lines.along(line(slot), pos, room_.data())[i],
                                 split_.edge(line(slot), pos)[i]));
        }
        return costs;
    }

private:
    int line(int slot) const { return layout_.line(strip_, slot); }
    const float* node_multipliers(int slot, int pos) const {
        return split_.node(layout_.lines.node(line(slot), pos), layout_.lines.field.sets);
    }
    double copy(int slot, double cost, float multiplier) const {
        const bool ends = slot == 0 || slot + 1 == layout_.width;
        if (!ends || !layout_.shared(line(slot))) return cost;
        const double m = split_.scale * static_cast<double>(multiplier);
        return slot == 0 ? first_copy(cost, m) : second_copy(cost, m);
    }

    const StripLayout& layout_;
    const StripSplit& split_;
    int strip_;
    std::vector<double> room_;
};

}  // namespace

Certificate certify_strips(const StripLayout& layout, const StripSplit& split, ThreadPool& pool,
                           const Demand& demand) {
    const Lines& lines = layout.lines;
    const LabelSets& sets = lines.field.sets;
    StopFlag stop(demand.should_stop);
    std::vector<Part> parts(layout.strips());
    std::vector<StripMarginals> solvers(pool.size());
    // A shared line's labels have an excess in both strips.
    std::vector<double> excess(demand.excess ? sets.total() : 0, 0.0), of_last(excess);

    pool.run(layout.strips(), [&](int strip, int worker) {
        if (stop(worker)) return;
        StripMarginals& solver = solvers[worker];
        StripCosts costs(layout, split, strip);
        solver.lay_out(costs.labels());
        costs.write(solver);
        if (!solver.solve(demand.excess, [&] { return stop(worker); })) return;
        parts[strip] = solved(solver, costs.rounded(solver));
        if (!demand.excess) return;
        for (int slot = 0; slot < layout.width; ++slot) {
            const int line = layout.line(strip, slot);
            if (!layout.holds(line)) return;
            auto& to = slot + 1 < layout.width ? excess : of_last;
            for (int pos = 0; pos < lines.length(); ++pos) {
                const std::size_t at = sets.offset(lines.node(line, pos));
                for (int k = 0; k < lines.labels(line, pos); ++k) {
                    to[at + k] = solver.excess(slot, pos, k);
                }
            }
        }
    });
    if (stop(0)) return nothing();
    Certificate result = added_up(parts);
    for (std::size_t i = 0; i < excess.size(); ++i) excess[i] += of_last[i];
    result.excess = std::move(excess);
    return result;
}

}  // namespace metafast::mrf

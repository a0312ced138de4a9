#include "mrf/strips.hpp"

#include <algorithm>
#include <cmath>

namespace metafast::mrf {

namespace {

// Node costs of a strip: the unary and the edges to the fixed lines on both sides.
void load_costs(const Lines& lines, int first, int width, const Labelling& x, Frontier& frontier) {
    const std::size_t labels = lines.grid.labels;
    for (int pos = 0; pos < lines.length(); ++pos) {
        for (int q = 0; q < width; ++q) {
            const double* unary = lines.unary(first + q, pos);
            std::copy(unary, unary + labels, frontier.cost(q, pos));
        }
        if (first > 0) {
            const double* edge =
                lines.across(first - 1, pos) + x[lines.node(first - 1, pos)] * labels;
            double* cost = frontier.cost(0, pos);
            for (std::size_t b = 0; b < labels; ++b) cost[b] += edge[b];
        }
        const int last = first + width - 1;
        if (last + 1 < lines.count()) {
            const double* edge = lines.across(last, pos) + x[lines.node(last + 1, pos)];
            double* cost = frontier.cost(width - 1, pos);
            for (std::size_t a = 0; a < labels; ++a) cost[a] += edge[a * labels];
        }
    }
}

// Energy of the strip under labels label(slot, pos), with the costs loaded in `frontier`.
template <class LabelOf>
double strip_energy(const Lines& lines, int first, int width, Frontier& frontier, LabelOf label) {
    const std::size_t labels = lines.grid.labels;
    CompensatedSum sum;
    for (int pos = 0; pos < lines.length(); ++pos) {
        for (int q = 0; q < width; ++q) {
            const std::size_t a = label(q, pos);
            sum.add(frontier.cost(q, pos)[a]);
            if (pos + 1 < lines.length()) {
                sum.add(lines.along(first + q, pos)[a * labels + label(q, pos + 1)]);
            }
            if (q + 1 < width) {
                sum.add(lines.across(first + q, pos)[a * labels + label(q + 1, pos)]);
            }
        }
    }
    return sum.value();
}

}  // namespace

StripSearch::StripSearch(const Grid& grid, int width, ThreadPool& pool)
    : rows_{Lines{grid, false}, std::min(width, grid.rows), {}, {}, {}},
      cols_{Lines{grid, true}, std::min(width, grid.cols), {}, {}, {}},
      pool_(pool),
      labels_(grid.labels) {
    for (Orientation* o : {&rows_, &cols_}) {
        o->dirty.assign(o->strips(), 1);
        o->moved.resize(o->strips());
        o->frontier.resize(pool.size());
    }
}

void StripSearch::improve(Labelling& labelling, const std::function<bool()>& should_stop) {
    std::fill(rows_.dirty.begin(), rows_.dirty.end(), 1);
    std::fill(cols_.dirty.begin(), cols_.dirty.end(), 1);
    for (;;) {
        const bool rows = sweep(rows_, cols_, labelling, should_stop);
        const bool cols = sweep(cols_, rows_, labelling, should_stop);
        if (!rows && !cols) return;
        if (should_stop && should_stop()) return;
    }
}

// Strips that contain the line or lie beside it.
void StripSearch::mark(Orientation& orientation, int line) {
    const int begin = std::max(line - orientation.width, 0);
    const int end = std::min(line + 2, orientation.strips());
    for (int strip = begin; strip < end; ++strip) orientation.dirty[strip] = 1;
}

bool StripSearch::sweep(Orientation& orientation, Orientation& other, Labelling& labelling,
                        const std::function<bool()>& should_stop) {
    bool improved = false;
    std::vector<int> turn;
    for (int colour = 0; colour <= orientation.width; ++colour) {
        if (should_stop && should_stop()) return improved;
        turn.clear();
        for (int s = colour; s < orientation.strips(); s += orientation.width + 1) {
            if (orientation.dirty[s]) turn.push_back(s);
        }
        pool_.run(static_cast<int>(turn.size()), [&](int task, int worker) {
            const int strip = turn[task];
            if (!solve_strip(orientation, strip, worker, labelling)) {
                orientation.moved[strip].clear();
            }
        });
        work_ += turn.size() *
                 Frontier::work(orientation.width, orientation.lines.length(), labels_);
        for (const int strip : turn) orientation.dirty[strip] = 0;
        for (const int strip : turn) {
            const auto& moved = orientation.moved[strip];
            for (std::size_t i = 0; i < moved.size(); ++i) {
                if (!moved[i]) continue;
                improved = true;
                const int slot = static_cast<int>(i) % orientation.width;
                mark(other, static_cast<int>(i) / orientation.width);
                mark(orientation, strip + slot);
            }
            if (!moved.empty()) orientation.dirty[strip] = 0;  // it is optimal itself
        }
    }
    return improved;
}

bool StripSearch::solve_strip(Orientation& orientation, int first, int worker,
                              Labelling& x) const {
    const Lines& lines = orientation.lines;
    const int width = orientation.width;
    auto& frontier = orientation.frontier[worker];
    if (!frontier) frontier = std::make_unique<Frontier>(width, lines.length(), labels_);
    load_costs(lines, first, width, x, *frontier);
    const double before = strip_energy(lines, first, width, *frontier, [&](int q, int pos) {
        return x[lines.node(first + q, pos)];
    });
    frontier->solve(lines, first);
    const double after = strip_energy(lines, first, width, *frontier, [&](int q, int pos) {
        return frontier->chosen(q, pos);
    });
    // A little more than rounding, so that ties cannot make two strips swap labels for ever.
    if (!(before - after > 1e-13 * std::fabs(before))) return false;

    auto& moved = orientation.moved[first];
    moved.assign(static_cast<std::size_t>(lines.length()) * width, 0);
    for (int pos = 0; pos < lines.length(); ++pos) {
        for (int q = 0; q < width; ++q) {
            Label& label = x[lines.node(first + q, pos)];
            moved[static_cast<std::size_t>(pos) * width + q] = label != frontier->chosen(q, pos);
            label = frontier->chosen(q, pos);
        }
    }
    return true;
}

Grid penalised(const Grid& grid, std::vector<double>& storage) {
    const std::size_t sizes[3] = {grid.nodes() * grid.labels,
                                  grid.horizontal_edges() * grid.pairs(),
                                  grid.vertical_edges() * grid.pairs()};
    const std::size_t steps[3] = {static_cast<std::size_t>(grid.labels), grid.pairs(),
                                  grid.pairs()};
    const double* tables[3] = {grid.unary, grid.horizontal, grid.vertical};
    bool forbidden = false;
    double penalty = 1.0;
    for (int t = 0; t < 3; ++t) {
        for (std::size_t i = 0; i < sizes[t]; i += steps[t]) {
            double most = 0.0;
            for (std::size_t j = 0; j < steps[t]; ++j) {
                const double cost = tables[t][i + j];
                if (std::isinf(cost)) {
                    forbidden = true;
                } else {
                    most = std::max(most, std::fabs(cost));
                }
            }
            penalty += 2.0 * most;
        }
    }
    if (!forbidden) return grid;
    storage.resize(sizes[0] + sizes[1] + sizes[2]);
    double* to = storage.data();
    for (int t = 0; t < 3; ++t) {
        for (std::size_t i = 0; i < sizes[t]; ++i) {
            *to++ = std::isinf(tables[t][i]) ? penalty : tables[t][i];
        }
    }
    Grid result = grid;
    result.unary = storage.data();
    result.horizontal = result.unary + sizes[0];
    result.vertical = result.horizontal + sizes[1];
    return result;
}

}  // namespace metafast::mrf

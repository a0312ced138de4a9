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

double StripSearch::sweep_work(const Grid& grid, int width) {
    double work = 0.0;
    for (const bool columns : {false, true}) {
        const Lines lines{grid, columns};
        const int fits = std::min(width, lines.count());
        work += (lines.count() - fits + 1) * Frontier::work(fits, lines.length(), grid.labels);
    }
    return work;
}

double StripSearch::memory(const Grid& grid, int width) {
    return Frontier::memory(std::min(width, grid.rows), grid.cols, grid.labels) +
           Frontier::memory(std::min(width, grid.cols), grid.rows, grid.labels);
}

void StripSearch::improve(Labelling& labelling, const std::function<bool()>& should_stop) {
    StopFlag stop(should_stop);
    std::fill(rows_.dirty.begin(), rows_.dirty.end(), 1);
    std::fill(cols_.dirty.begin(), cols_.dirty.end(), 1);
    for (;;) {
        const bool rows = sweep(rows_, cols_, labelling, stop);
        const bool cols = sweep(cols_, rows_, labelling, stop);
        if ((!rows && !cols) || stop(0)) return;
    }
}

// Strips that contain the line or lie beside it.
void StripSearch::mark(Orientation& orientation, int line) {
    const int begin = std::max(line - orientation.width, 0);
    const int end = std::min(line + 2, orientation.strips());
    for (int strip = begin; strip < end; ++strip) orientation.dirty[strip] = 1;
}

bool StripSearch::sweep(Orientation& orientation, Orientation& other, Labelling& labelling,
                        StopFlag& stop) {
    bool improved = false;
    std::vector<int> turn;
    for (int colour = 0; colour <= orientation.width; ++colour) {
        if (stop(0)) return improved;
        turn.clear();
        for (int s = colour; s < orientation.strips(); s += orientation.width + 1) {
            if (orientation.dirty[s]) turn.push_back(s);
        }
        pool_.run(
            static_cast<int>(turn.size()),
            [&](int task, int worker) {
                const int strip = turn[task];
                if (!solve_strip(orientation, strip, worker, labelling, stop)) {
                    orientation.moved[strip].clear();
                }
            },
            [&] { stop(0); });
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

bool StripSearch::solve_strip(Orientation& orientation, int first, int worker, Labelling& x,
                              StopFlag& stop) const {
    if (stop(worker)) return false;
    const Lines& lines = orientation.lines;
    const int width = orientation.width;
    auto& frontier = orientation.frontier[worker];
    if (!frontier) frontier = std::make_unique<Frontier>(width, lines.length(), labels_);
    load_costs(lines, first, width, x, *frontier);
    const double before = strip_energy(lines, first, width, *frontier, [&](int q, int pos) {
        return x[lines.node(first + q, pos)];
    });
    if (!frontier->solve(lines, first, [&] { return stop(worker); })) return false;
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

}  // namespace metafast::mrf

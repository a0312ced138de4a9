#include "mrf/primal/strip_search.hpp"

#include <algorithm>
#include <cmath>

namespace metafast::mrf {

namespace {

// Of sums of as many terms as a strip has.
constexpr double kRounding = 1e-12;

Position position(const Lines& lines, const Labelling& x, int line, int pos) {
    const std::size_t node = lines.node(line, pos);
    return lines.field.sets.position(node, x[node]);
}

// Node costs of a strip: the unary and the edges to the fixed lines on both sides.
void load_costs(const Lines& lines, int first, int width, const Labelling& x, double* scratch,
                Frontier& frontier) {
    const int last = first + width - 1;
    for (int pos = 0; pos < lines.length(); ++pos) {
        for (int q = 0; q < width; ++q) {
            std::copy_n(lines.unary(first + q, pos, scratch), lines.labels(first + q, pos),
                        frontier.cost(q, pos));
        }
        if (first > 0) {
            const Position above = position(lines, x, first - 1, pos);
            double* cost = frontier.cost(0, pos);
            for (int b = 0; b < lines.labels(first, pos); ++b) {
                cost[b] += lines.across_at(first - 1, pos, above, Position(b));
            }
        }
        if (last + 1 < lines.count()) {
            const Position below = position(lines, x, last + 1, pos);
            double* cost = frontier.cost(width - 1, pos);
            for (int a = 0; a < lines.labels(last, pos); ++a) {
                cost[a] += lines.across_at(last, pos, Position(a), below);
            }
        }
    }
}

struct StripEnergy {
    double sum = 0.0;
    double magnitude = 0.0;  // of all terms: rounding is relative to it
    void add(double cost) {
        sum += cost;
        magnitude += std::fabs(cost);
    }
};

// Energy of the strip under labels label(slot, pos), with the costs loaded in `frontier`.
template <class LabelOf>
StripEnergy strip_energy(const Lines& lines, int first, int width, Frontier& frontier,
                         LabelOf label) {
    StripEnergy energy;
    for (int pos = 0; pos < lines.length(); ++pos) {
        for (int q = 0; q < width; ++q) {
            const Position a = label(q, pos);
            energy.add(frontier.cost(q, pos)[index(a)]);
            if (pos + 1 < lines.length()) {
                energy.add(lines.along_at(first + q, pos, a, label(q, pos + 1)));
            }
            if (q + 1 < width) energy.add(lines.across_at(first + q, pos, a, label(q + 1, pos)));
        }
    }
    return energy;
}

}  // namespace

StripSearch::StripSearch(const Field& field, int width, ThreadPool& pool)
    : rows_{Lines{field, false}, std::min(width, field.grid.rows), {}, {}, {}},
      cols_{Lines{field, true}, std::min(width, field.grid.cols), {}, {}, {}},
      pool_(pool) {
    for (Orientation* o : {&rows_, &cols_}) {
        o->dirty.assign(o->strips(), 1);
        o->moved.resize(o->strips());
        o->frontier.resize(pool.size());
    }
}

double StripSearch::sweep_work(const Field& field, int width) {
    double work = 0.0;
    for (const bool columns : {false, true}) {
        const Lines lines{field, columns};
        const int fits = std::min(width, lines.count());
        const int strips = lines.count() - fits + 1;
        const bool alike = field.sets.full();
        for (int first = 0; first < (alike ? 1 : strips); ++first) {
            work += (alike ? strips : 1) * Frontier::work(lines, first, fits);
        }
    }
    return work;
}

double StripSearch::memory(const Field& field, int width) {
    double memory = 0.0;
    for (const bool columns : {false, true}) {
        const Lines lines{field, columns};
        const int fits = std::min(width, lines.count());
        const int strips = field.sets.full() ? 1 : lines.count() - fits + 1;
        double most = 0.0;
        for (int first = 0; first < strips; ++first) {
            most = std::max(most, Frontier::memory(lines, first, fits));
        }
        memory += most;
    }
    return memory;
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
        for (const int strip : turn) {
            work_ += Frontier::work(orientation.lines, strip, orientation.width);
        }
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
    if (!frontier) frontier = std::make_unique<Frontier>(width);
    std::vector<double> scratch(lines.grid().pairs());
    frontier->lay_out(lines, first);
    load_costs(lines, first, width, x, scratch.data(), *frontier);
    const StripEnergy before = strip_energy(lines, first, width, *frontier, [&](int q, int pos) {
        return position(lines, x, first + q, pos);
    });
    if (!frontier->solve(lines, first, false, [&] { return stop(worker); })) return false;
    const StripEnergy after = strip_energy(lines, first, width, *frontier, [&](int q, int pos) {
        return frontier->chosen(q, pos);
    });
    // A little more than rounding, so that ties cannot make two strips swap labels for ever.
    if (!(before.sum - after.sum > kRounding * before.magnitude)) return false;

    auto& moved = orientation.moved[first];
    moved.assign(static_cast<std::size_t>(lines.length()) * width, 0);
    for (int pos = 0; pos < lines.length(); ++pos) {
        for (int q = 0; q < width; ++q) {
            const std::size_t node = lines.node(first + q, pos);
            const Label chosen = lines.field.sets.label(node, frontier->chosen(q, pos));
            moved[static_cast<std::size_t>(pos) * width + q] = x[node] != chosen;
            x[node] = chosen;
        }
    }
    return true;
}

}  // namespace metafast::mrf

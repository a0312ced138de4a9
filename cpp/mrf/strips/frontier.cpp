#include "mrf/strips/frontier.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "mrf/strips/min_plus.hpp"

namespace metafast::mrf {

namespace {

// Nanoseconds of one addition, with its comparison; of gathering one entry of a table; of a node.
constexpr double kAddition = 0.3, kEntry = 2.0, kNode = 150.0;

// Additions between two looks at `should_stop`: some tens of microseconds.
constexpr double kAskEvery = 1e5;

// value[h, b, u, l] += added[b, u]: node cost plus the edge to the slot above, whose label is u.
void add_costs(double* value, const double* added, std::size_t high, std::size_t entries,
               std::size_t run) {
    for (std::size_t h = 0; h < high; ++h, value += entries * run) {
        if (run == 1) {
            for (std::size_t i = 0; i < entries; ++i) value[i] += added[i];
        } else {
            for (std::size_t i = 0; i < entries; ++i) {
                double* part = value + i * run;
                const double cost = added[i];
                for (std::size_t l = 0; l < run; ++l) part[l] += cost;
            }
        }
    }
}

template <class T>
void grow(std::vector<T>& vector, std::size_t size) {
    if (vector.size() < size) vector.resize(size);
}

}  // namespace

void Frontier::lay_out(const Lines& lines, int first) {
    length_ = lines.length();
    nodes_.resize(static_cast<std::size_t>(length_) * width_);
    std::size_t costs = 0, back = 0, states = 1, table = 1;
    for (int pos = 0; pos < length_; ++pos) {
        for (int q = 0; q < width_; ++q) {
            Node& here = node(q, pos);
            here.labels = lines.labels(first + q, pos);
            here.low = q == 0 ? 1 : node(q - 1, pos).low * node(q - 1, pos).labels;
            here.high = 1;
            for (int behind = q + 1; pos > 0 && behind < width_; ++behind) {
                here.high *= node(behind, pos - 1).labels;
            }
            here.costs = costs;
            here.back = back;
            costs += here.labels;
            const std::size_t size = here.high * here.labels * here.low;
            if (pos > 0) back += size;
            states = std::max(states, size);
            const std::size_t labels = here.labels;
            if (q > 0) table = std::max(table, labels * node(q - 1, pos).labels);
            if (pos > 0) table = std::max(table, labels * node(q, pos - 1).labels);
            table = std::max(table, labels);
        }
    }
    const std::size_t pairs = std::max(table, lines.grid().pairs());
    grow(costs_, costs);
    grow(back_, back);
    grow(value_, states);
    grow(next_, states);
    for (auto* scratch : {&along_, &across_, &added_}) grow(*scratch, pairs);
}

double Frontier::work(const Lines& lines, int first, int width) {
    double work = 0.0;
    for (int pos = 0; pos < lines.length(); ++pos) {
        for (int q = 0; q < width; ++q) {
            const double labels = lines.labels(first + q, pos);
            const double before = pos > 0 ? lines.labels(first + q, pos - 1) : 1.0;
            double additions = labels * before, entries = labels * before;
            for (int other = 0; other < width; ++other) {
                if (other < q) additions *= lines.labels(first + other, pos);
                if (other > q && pos > 0) additions *= lines.labels(first + other, pos - 1);
            }
            if (q > 0) entries += labels * lines.labels(first + q - 1, pos);
            work += kNode + kEntry * entries + kAddition * additions;
        }
    }
    return work;
}

double Frontier::memory(const Lines& lines, int first, int width) {
    double most = 1.0, back = 0.0;
    for (int pos = 0; pos < lines.length(); ++pos) {
        double states = 1.0;
        for (int q = 0; q < width; ++q) states *= lines.labels(first + q, pos);
        most = std::max(most, states);
        back += width * states;
    }
    return 2.0 * sizeof(double) * most + sizeof(Position) * back;
}

CompensatedSum Frontier::bound() const {
    CompensatedSum sum = shifts_;
    sum.add(deflate(best_, 5.0 * width_ * length_));
    return sum;
}

double Frontier::shift(double least, bool bounded) {
    if (!bounded || std::isinf(least)) return 0.0;
    shifts_.add(least);
    return least;
}

// The table less its smallest entry, which joins the shifts. A table of infinities stays as it is.
const double* Frontier::shifted(const double* table, std::size_t entries, bool bounded,
                                double* scratch) {
    if (!bounded) return table;
    const double least = shift(*std::min_element(table, table + entries), bounded);
    if (least == 0.0) return table;
    for (std::size_t i = 0; i < entries; ++i) scratch[i] = table[i] - least;
    return scratch;
}

bool Frontier::solve(const Lines& lines, int first, bool bounded,
                     const std::function<bool()>& should_stop) {
    shifts_ = CompensatedSum{};
    value_[0] = 0.0;
    double unasked = kAskEvery;  // additions since `should_stop` was asked; it is asked at once
    for (int pos = 0; pos < length_; ++pos) {
        for (int q = 0; q < width_; ++q) {
            if (should_stop && unasked >= kAskEvery) {
                if (should_stop()) return false;
                unasked = 0.0;
            }
            const Node& here = node(q, pos);
            const int labels = here.labels;
            const int uppers = q == 0 ? 1 : node(q - 1, pos).labels;
            const double* cost = &costs_[here.costs];
            const double lowest = shift(*std::min_element(cost, cost + labels), bounded);
            const std::size_t entries = static_cast<std::size_t>(labels) * uppers;
            const double* across = nullptr;
            if (q > 0) {
                across = shifted(lines.across(first + q - 1, pos, across_.data()), entries,
                                 bounded, across_.data());
            }
            for (int b = 0; b < labels; ++b) {
                const double base = cost[b] - lowest;
                for (int u = 0; u < uppers; ++u) {
                    added_[b * uppers + u] = q == 0 ? base : base + across[u * labels + b];
                }
            }
            if (pos == 0) {
                for (int b = 0; b < labels; ++b) {
                    std::copy_n(value_.begin(), here.low, next_.begin() + b * here.low);
                }
                unasked += static_cast<double>(here.low) * labels;
            } else {
                const int from = node(q, pos - 1).labels;
                const double* along =
                    shifted(lines.along(first + q, pos - 1, along_.data()),
                            static_cast<std::size_t>(from) * labels, bounded, along_.data());
                replace_label(value_.data(), along, here.high, from, labels, here.low,
                              next_.data(), &back_[here.back]);
                unasked += static_cast<double>(here.high * here.low) * labels * from;
            }
            add_costs(next_.data(), added_.data(), here.high, entries, here.low / uppers);
            value_.swap(next_);
        }
    }
    trace_back();
    return true;
}

void Frontier::trace_back() {
    const Node& last = node(width_ - 1, length_ - 1);
    const std::size_t states = last.low * last.labels;
    std::size_t state =
        std::min_element(value_.begin(), value_.begin() + static_cast<std::ptrdiff_t>(states)) -
        value_.begin();
    best_ = value_[state];
    for (int pos = length_ - 1; pos >= 0; --pos) {
        for (int q = width_ - 1; q >= 0; --q) {
            Node& here = node(q, pos);
            const std::size_t low = state % here.low;
            const std::size_t rest = state / here.low;
            here.chosen = Position(rest % here.labels);
            if (pos == 0) continue;
            const std::size_t high = rest / here.labels;
            const std::size_t before = index(back_[here.back + state]);
            state = (high * node(q, pos - 1).labels + before) * here.low + low;
        }
        // With every slot undone, slot 0 runs fastest again, at the position before.
    }
}

}  // namespace metafast::mrf

#include "mrf/frontier.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "threads/simd.hpp"

namespace metafast::mrf {

namespace {

// Additions between two looks at `should_stop`: some tens of microseconds.
constexpr double kAskEvery = 1e5;

// out[l] = min over a of value[a*stride + l] + table[a*labels], with its argmin, for l = 0..wide-1.
// The first slot is its own case: value[a] + table[a*labels + l].
template <int bytes, bool kFirstSlot>
METAFAST_INLINE void minimise_wide(const double* value, std::size_t stride, const double* table,
                                   int labels, double* out, Label* back) {
    using Double = typename Vector<bytes>::Double;
    using Int64 = typename Vector<bytes>::Int64;
    Double best = kFirstSlot ? load<Double>(table) + value[0] : load<Double>(value) + table[0];
    Int64 arg = {};
    for (int a = 1; a < labels; ++a) {
        const std::size_t row = static_cast<std::size_t>(a) * labels;
        const Double candidate = kFirstSlot ? load<Double>(table + row) + value[a]
                                            : load<Double>(value + a * stride) + table[row];
        const Int64 better = candidate < best;
        best = better ? candidate : best;
        arg = better ? (Int64{} + a) : arg;
    }
    store(out, best);
    store(back, __builtin_convertvector(arg, typename Vector<bytes>::Label64));
}

template <bool kFirstSlot>
METAFAST_INLINE void minimise_one(const double* value, std::size_t stride, const double* table,
                                  int labels, double* out, Label* back) {
    double best = value[0] + table[0];
    Label arg = 0;
    for (int a = 1; a < labels; ++a) {
        const double candidate =
            value[kFirstSlot ? a : a * stride] + table[static_cast<std::size_t>(a) * labels];
        if (candidate < best) {
            best = candidate;
            arg = static_cast<Label>(a);
        }
    }
    *out = best;
    *back = arg;
}

// Whole vectors; the last one overlaps the one before it.
template <int bytes, bool kFirstSlot>
METAFAST_INLINE void minimise_run(const double* value, std::size_t stride, const double* table,
                                  int labels, std::size_t count, double* out, Label* back) {
    constexpr std::size_t wide = Vector<bytes>::doubles;
    if (count < wide) {
        for (std::size_t l = 0; l < count; ++l) {
            minimise_one<kFirstSlot>(kFirstSlot ? value : value + l, stride,
                                     kFirstSlot ? table + l : table, labels, out + l, back + l);
        }
        return;
    }
    for (std::size_t l = 0;;) {
        minimise_wide<bytes, kFirstSlot>(kFirstSlot ? value : value + l, stride,
                                         kFirstSlot ? table + l : table, labels, out + l, back + l);
        if (l + wide == count) return;
        l = std::min(l + wide, count - wide);
    }
}

// One node: next[h, b, l] = min_a value[h, a, l] + along[a, b], back = argmin.
//   value, next, back  (high, labels, low), low = labels^slot
template <int bytes>
METAFAST_INLINE void replace_label_kernel(const double* value, const double* along,
                                          std::size_t high, int labels, std::size_t low,
                                          double* next, Label* back) {
    const std::size_t block = labels * low;
    for (std::size_t h = 0; h < high; ++h) {
        const std::size_t at = h * block;
        if (low == 1) {
            minimise_run<bytes, true>(value + at, 1, along, labels, labels, next + at, back + at);
        } else {
            for (int b = 0; b < labels; ++b) {
                minimise_run<bytes, false>(value + at, low, along + b, labels, low,
                                           next + at + b * low, back + at + b * low);
            }
        }
    }
}

METAFAST_DISPATCH(replace_label, replace_label_kernel,
                  (const double* value, const double* along, std::size_t high, int labels,
                   std::size_t low, double* next, Label* back),
                  (value, along, high, labels, low, next, back))

// value[h, b, u, l] += added[b, u]: node cost plus the edge to the slot above, whose label is u.
void add_costs(double* value, const double* added, std::size_t high, int labels, std::size_t low) {
    const std::size_t uppers = low == 1 ? 1 : labels;
    const std::size_t run = low / uppers;
    const std::size_t count = labels * uppers;
    for (std::size_t h = 0; h < high; ++h, value += count * run) {
        if (run == 1) {
            for (std::size_t i = 0; i < count; ++i) value[i] += added[i];
        } else {
            for (std::size_t i = 0; i < count; ++i) {
                double* part = value + i * run;
                const double cost = added[i];
                for (std::size_t l = 0; l < run; ++l) part[l] += cost;
            }
        }
    }
}

}  // namespace

Frontier::Frontier(int width, int length, int labels)
    : width_(width), length_(length), labels_(labels), power_(width + 1, 1) {
    for (int q = 0; q < width; ++q) power_[q + 1] = power_[q] * labels;
    const std::size_t states = power_[width];
    const std::size_t nodes = static_cast<std::size_t>(width) * length;
    costs_.resize(nodes * labels);
    value_.resize(states);
    next_.resize(states);
    along_.resize(static_cast<std::size_t>(labels) * labels);
    across_.resize(along_.size());
    added_.resize(along_.size());
    back_.resize((nodes - width) * states);
    chosen_.resize(nodes);
}

double Frontier::work(int width, int length, int labels) {
    return static_cast<double>(width) * length * std::pow(labels, width + 1);
}

double Frontier::memory(int width, int length, int labels) {
    const double states = std::pow(labels, width);
    return states * (2.0 * sizeof(double) + sizeof(Label) * (length - 1.0) * width);
}

CompensatedSum Frontier::bound() const {
    CompensatedSum sum = shifts_;
    sum.add(deflate(best_, 5.0 * width_ * length_));
    return sum;
}

// The table less its smallest entry, which joins the shifts. A table of infinities stays as it is.
const double* Frontier::shifted(const double* table, double* room) {
    const std::size_t pairs = along_.size();
    const double least = *std::min_element(table, table + pairs);
    if (least == 0.0 || std::isinf(least)) return table;
    for (std::size_t i = 0; i < pairs; ++i) room[i] = table[i] - least;
    shifts_.add(least);
    return room;
}

bool Frontier::solve(const Lines& lines, int first, const std::function<bool()>& should_stop) {
    const int labels = labels_;
    shifts_ = CompensatedSum{};
    value_[0] = 0.0;
    const double node_work = static_cast<double>(power_[width_]) * labels;
    double unasked = kAskEvery;  // additions since `should_stop` was asked; it is asked at once
    std::size_t known = 1;  // states before the frontier is complete: labels^(nodes so far)
    for (int pos = 0; pos < length_; ++pos) {
        for (int q = 0; q < width_; ++q) {
            if (should_stop && unasked >= kAskEvery) {
                if (should_stop()) return false;
                unasked = 0.0;
            }
            unasked += node_work;
            const std::size_t low = power_[q];
            double* cost = this->cost(q, pos);
            const double least = *std::min_element(cost, cost + labels);
            const double shift = std::isinf(least) ? 0.0 : least;
            shifts_.add(shift);
            const double* across =
                q == 0 ? nullptr : shifted(lines.across(first + q - 1, pos), across_.data());
            for (int b = 0; b < labels; ++b) {
                const double base = cost[b] - shift;
                if (q == 0) {
                    added_[b] = base;
                } else {
                    for (int u = 0; u < labels; ++u) {
                        added_[b * labels + u] = base + across[u * labels + b];
                    }
                }
            }
            if (pos == 0) {
                for (int b = 0; b < labels; ++b) {
                    std::copy_n(value_.begin(), known, next_.begin() + b * known);
                }
                known *= labels;
                add_costs(next_.data(), added_.data(), 1, labels, low);
            } else {
                const double* along = shifted(lines.along(first + q, pos - 1), along_.data());
                const std::size_t high = power_[width_] / power_[q + 1];
                Label* back =
                    &back_[(static_cast<std::size_t>(pos - 1) * width_ + q) * power_[width_]];
                replace_label(value_.data(), along, high, labels, low, next_.data(), back);
                add_costs(next_.data(), added_.data(), high, labels, low);
            }
            value_.swap(next_);
        }
    }
    trace_back();
    return true;
}

void Frontier::trace_back() {
    std::size_t state = std::min_element(value_.begin(), value_.end()) - value_.begin();
    best_ = value_[state];
    for (int pos = length_ - 1; pos >= 0; --pos) {
        for (int q = width_ - 1; q >= 0; --q) {
            const std::size_t label = (state / power_[q]) % labels_;
            const std::size_t node = static_cast<std::size_t>(pos) * width_ + q;
            chosen_[node] = static_cast<Label>(label);
            if (pos > 0) {
                const Label before = back_[(node - width_) * power_[width_] + state];
                state = state - label * power_[q] + before * power_[q];
            }
        }
    }
}

}  // namespace metafast::mrf

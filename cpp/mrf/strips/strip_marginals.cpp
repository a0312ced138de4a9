#include "mrf/strips/strip_marginals.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "mrf/strips/min_plus.hpp"

namespace metafast::mrf {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

}  // namespace

// States with the slots before `moved` at one position and the others at the other.
std::size_t StripMarginals::states(int pos, int moved, int other) const {
    std::size_t states = 1;
    for (int slot = 0; slot < width_; ++slot) states *= place(slot < moved ? pos : other, slot).n;
    return states;
}

void StripMarginals::lay_out(const std::vector<std::vector<int>>& labels) {
    width_ = static_cast<int>(labels.size());
    length_ = static_cast<int>(labels[0].size());
    places_.resize(static_cast<std::size_t>(width_) * length_);
    states_begin_.resize(length_);
    for (int pos = 0; pos < length_; ++pos) {
        for (int slot = 0; slot < width_; ++slot) place(pos, slot).n = labels[slot][pos];
    }
    std::size_t costs = 0, forward = 0, all = 0, excess = 0, most = 0;
    for (int pos = 0; pos < length_; ++pos) {
        for (int slot = 0; slot < width_; ++slot) {
            Place& here = place(pos, slot);
            const std::size_t n = here.n;
            here.node = costs;
            here.across = here.node + n;
            here.along = here.across + (slot + 1 < width_ ? n * place(pos, slot + 1).n : 0);
            costs = here.along + (pos + 1 < length_ ? n * place(pos + 1, slot).n : 0);
            most = std::max(most, costs - here.along);
            here.excess = excess;
            excess += n;
            here.after = forward;
            if (pos > 0 || slot + 1 == width_) forward += states(pos, pos > 0 ? slot + 1 : width_);
            if (pos > 0) {
                const std::size_t size = states(pos, slot + 1);
                most = std::max({most, size, states(pos - 1, slot + 1, pos)});
            }
        }
        states_begin_[pos] = all;
        all += states(pos, width_);
        most = std::max(most, states(pos, width_));
    }
    costs_.assign(costs, 0.0);
    excess_.resize(excess);
    states_.resize(all);
    forward_.resize(forward);
    for (auto* scratch : {&backward_, &next_, &turned_}) scratch->resize(most);
}

// A table of infinities stays as it is.
void StripMarginals::shift(double* table, std::size_t entries) {
    const double least = *std::min_element(table, table + entries);
    if (least == 0.0 || std::isinf(least)) return;
    for (std::size_t i = 0; i < entries; ++i) table[i] -= least;
    shifts_.add(least);
}

CompensatedSum StripMarginals::bound() const {
    CompensatedSum sum = shifts_;
    sum.add(deflate(best_, operations()));
    return sum;
}

bool StripMarginals::solve(bool marginals, const std::function<bool()>& should_stop) {
    shifts_ = CompensatedSum{};
    for (int pos = 0; pos < length_; ++pos) {
        if (should_stop && should_stop()) return false;
        step_forward(pos);
    }
    trace_back();
    if (!marginals) return true;
    std::fill_n(backward_.begin(), states(length_ - 1, width_), 0.0);
    for (int pos = length_ - 1;; --pos) {
        write_excess(pos);
        if (pos == 0) return true;
        if (should_stop && should_stop()) return false;
        step_backward(pos);
    }
}

// Costs of all states of a position: of its nodes, and of the edges between them.
void StripMarginals::add_states(int pos) {
    double* to = &states_[states_begin_[pos]];
    std::size_t known = 1;  // states of the slots before
    to[0] = 0.0;
    for (int slot = 0; slot < width_; ++slot) {
        const int n = place(pos, slot).n;
        const int uppers = slot == 0 ? 1 : place(pos, slot - 1).n;
        double* own = node(slot, pos);
        shift(own, n);
        double* edge = slot == 0 ? nullptr : across(slot - 1, pos);
        if (slot > 0) shift(edge, static_cast<std::size_t>(uppers) * n);
        const std::size_t run = known / uppers;
        for (int b = n; b-- > 0;) {  // downwards: the first part is read until the end
            for (std::size_t i = known; i-- > 0;) {
                const std::size_t u = i / run;
                to[b * known + i] = to[i] + (slot == 0 ? own[b] : own[b] + edge[u * n + b]);
            }
        }
        known *= n;
    }
}

// F at pos from F before it, one slot after the other.
void StripMarginals::step_forward(int pos) {
    add_states(pos);
    const double* costs = &states_[states_begin_[pos]];
    double* value = &forward_[place(pos, width_ - 1).after];
    const std::size_t size = states(pos, width_);
    if (pos == 0) {
        std::copy_n(costs, size, value);
        return;
    }
    const double* in = &forward_[place(pos - 1, width_ - 1).after];
    std::size_t low = 1, high = states(pos, 0);
    for (int slot = 0; slot < width_; ++slot) {
        const int from = place(pos - 1, slot).n, to = place(pos, slot).n;
        high /= from;
        double* edge = along(slot, pos - 1);
        shift(edge, static_cast<std::size_t>(from) * to);
        double* out = &forward_[place(pos, slot).after];
        replace_label(in, edge, high, from, to, low, out);
        low *= to;
        in = out;
    }
    for (std::size_t i = 0; i < size; ++i) value[i] += costs[i];
}

// B at pos - 1 from B at pos.
void StripMarginals::step_backward(int pos) {
    const double* costs = &states_[states_begin_[pos]];
    std::size_t high = states(pos, width_), low = 1;
    for (std::size_t i = 0; i < high; ++i) backward_[i] += costs[i];
    for (int slot = 0; slot < width_; ++slot) {
        const int from = place(pos, slot).n, to = place(pos - 1, slot).n;
        high /= from;
        const double* edge = along(slot, pos - 1);  // [to, from]
        for (int a = 0; a < to; ++a) {
            for (int b = 0; b < from; ++b) turned_[b * to + a] = edge[a * from + b];
        }
        replace_label(backward_.data(), turned_.data(), high, from, to, low, next_.data());
        low *= to;
        backward_.swap(next_);
    }
}

void StripMarginals::write_excess(int pos) {
    for (int slot = 0; slot < width_; ++slot) {
        std::fill_n(&excess_[place(pos, slot).excess], place(pos, slot).n, kInfinity);
    }
    const double* value = &forward_[place(pos, width_ - 1).after];
    const std::size_t size = states(pos, width_);
    for (std::size_t i = 0; i < size; ++i) next_[i] = value[i] + backward_[i];
    std::size_t run = 1;
    for (int slot = 0; slot < width_; ++slot) {
        const std::size_t n = place(pos, slot).n;
        double* least = &excess_[place(pos, slot).excess];
        for (std::size_t i = 0; i < size; i += run) {
            double& best = least[i / run % n];
            for (std::size_t l = 0; l < run; ++l) best = std::min(best, next_[i + l]);
        }
        run *= n;
    }
    const double least = deflate(best_, operations());
    for (int slot = 0; slot < width_; ++slot) {
        double* excess = &excess_[place(pos, slot).excess];
        for (int k = 0; k < place(pos, slot).n; ++k) {
            excess[k] = std::max(deflate(excess[k], 2.0 * operations()) - least, 0.0);
        }
    }
}

void StripMarginals::trace_back() {
    const Place& last = place(length_ - 1, width_ - 1);
    const auto begin = forward_.begin() + static_cast<std::ptrdiff_t>(last.after);
    const auto end = begin + static_cast<std::ptrdiff_t>(states(length_ - 1, width_));
    const auto least = std::min_element(begin, end);
    best_ = *least;
    std::size_t state = least - begin;
    for (int slot = 0; slot < width_; ++slot) {
        Place& here = place(length_ - 1, slot);
        here.chosen = Position(state % here.n);
        state /= here.n;
    }
    for (int pos = length_ - 1; pos > 0; --pos) {
        for (int slot = width_ - 1; slot >= 0; --slot) {
            const Place& here = place(pos, slot);
            Place& before = place(pos - 1, slot);
            const Place& known = slot == 0 ? place(pos - 1, width_ - 1) : place(pos, slot - 1);
            const double* from = &forward_[known.after];
            std::size_t stride = 1, own = 1;
            for (int q = 0; q < width_; ++q) {
                const Place& other = place(q < slot ? pos : pos - 1, q);
                if (q == slot) own = stride;
                if (q != slot) from += stride * index(other.chosen);
                stride *= other.n;
            }
            const double* edge = along(slot, pos - 1) + index(here.chosen);
            double best = kInfinity;
            before.chosen = Position(0);
            for (int a = 0; a < before.n; ++a) {
                const double sum = from[a * own] + edge[static_cast<std::size_t>(a) * here.n];
                if (sum < best) best = sum, before.chosen = Position(a);
            }
        }
    }
}

}  // namespace metafast::mrf

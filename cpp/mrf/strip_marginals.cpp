#include "mrf/strip_marginals.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "threads/simd.hpp"

namespace metafast::mrf {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// out[j] = min over k of p[k*p_k] + q[k*q_k + j], for `count` vectors of j.
template <int bytes, int count>
METAFAST_INLINE void min_plus_vectors(const double* p, std::size_t p_k, const double* q,
                                      std::size_t q_k, int terms, double* out) {
    using Double = typename Vector<bytes>::Double;
    constexpr int wide = Vector<bytes>::doubles;
    Double best[count];
    for (int v = 0; v < count; ++v) best[v] = load<Double>(q + v * wide) + p[0];
    for (int k = 1; k < terms; ++k) {
        p += p_k;
        q += q_k;
        for (int v = 0; v < count; ++v) {
            const Double sum = load<Double>(q + v * wide) + p[0];
            best[v] = sum < best[v] ? sum : best[v];
        }
    }
    for (int v = 0; v < count; ++v) store(out + v * wide, best[v]);
}

// out[i, j] = min over k of p[k*p_k + i*p_i] + q[k*cols + j]
template <int bytes>
METAFAST_INLINE void min_plus_kernel(const double* p, std::size_t p_k, std::size_t p_i,
                                     const double* q, int terms, int rows, int cols, double* out) {
    constexpr int wide = Vector<bytes>::doubles;
    for (int i = 0; i < rows; ++i, p += p_i, out += cols) {
        int j = 0;
        for (; j + 4 * wide <= cols; j += 4 * wide) {
            min_plus_vectors<bytes, 4>(p, p_k, q + j, cols, terms, out + j);
        }
        for (; j + wide <= cols; j += wide) {
            min_plus_vectors<bytes, 1>(p, p_k, q + j, cols, terms, out + j);
        }
        if (j < cols && cols >= wide) {  // the last vector overlaps the one before it
            j = cols - wide;
            min_plus_vectors<bytes, 1>(p, p_k, q + j, cols, terms, out + j);
            continue;
        }
        for (; j < cols; ++j) {
            double best = kInfinity;
            for (int k = 0; k < terms; ++k) {
                best = std::min(best, p[k * p_k] + q[static_cast<std::size_t>(k) * cols + j]);
            }
            out[j] = best;
        }
    }
}

METAFAST_DISPATCH(min_plus, min_plus_kernel,
                  (const double* p, std::size_t p_k, std::size_t p_i, const double* q, int terms,
                   int rows, int cols, double* out),
                  (p, p_k, p_i, q, terms, rows, cols, out))

}  // namespace

void StripMarginals::lay_out(int length, const std::vector<int> labels[2]) {
    at_.resize(length);
    std::size_t costs = 0, states = 0, partial = 0, nodes = 0, most = 0;
    for (int pos = 0; pos < length; ++pos) {
        Place& here = at_[pos];
        for (int slot = 0; slot < 2; ++slot) {
            here.n[slot] = labels[slot][pos];
            here.node[slot] = costs;
            here.node_only[slot] = nodes;
            costs += here.n[slot];
            nodes += here.n[slot];
        }
        const std::size_t pairs = static_cast<std::size_t>(here.n[0]) * here.n[1];
        here.across = costs;
        here.states = states;
        here.partial = partial;
        costs += pairs;
        states += pairs;
        most = std::max(most, pairs);
        for (int slot = 0; slot < 2; ++slot) {
            here.along[slot] = costs;
            if (pos + 1 == length) continue;
            const std::size_t table = static_cast<std::size_t>(here.n[slot]) * labels[slot][pos + 1];
            costs += table;
            most = std::max(most, table);
        }
        if (pos + 1 < length) {
            partial += static_cast<std::size_t>(labels[0][pos + 1]) * here.n[1];
            most = std::max(most, static_cast<std::size_t>(here.n[0]) * labels[1][pos + 1]);
        }
    }
    costs_.assign(costs, 0.0);
    excess_.assign(nodes, 0.0);
    forward_.resize(states);
    partial_.resize(partial);
    for (auto* room : {&backward_, &next_, &turned_}) room->resize(most);
    for (auto& chosen : chosen_) chosen.resize(length);
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
    const int length = static_cast<int>(at_.size());
    shifts_ = CompensatedSum{};
    for (int pos = 0; pos < length; ++pos) {
        if (should_stop && should_stop()) return false;
        step_forward(pos);
    }
    trace_back();
    if (!marginals) return true;
    const std::size_t last = static_cast<std::size_t>(at_.back().n[0]) * at_.back().n[1];
    std::fill_n(backward_.begin(), last, 0.0);
    for (int pos = length - 1;; --pos) {
        write_excess(pos);
        if (pos == 0) return true;
        if (should_stop && should_stop()) return false;
        step_backward(pos);
    }
}

// F at pos from F before it; the nodes and the edge between them are gathered in `across`.
void StripMarginals::step_forward(int pos) {
    const Place& here = at_[pos];
    const int n0 = here.n[0], n1 = here.n[1];
    double* states = &costs_[here.across];
    shift(states, static_cast<std::size_t>(n0) * n1);
    for (int slot = 0; slot < 2; ++slot) shift(node(slot, pos), here.n[slot]);
    for (int b = 0; b < n0; ++b) {
        for (int d = 0; d < n1; ++d) {
            states[b * n1 + d] += node(0, pos)[b] + node(1, pos)[d];
        }
    }
    double* value = &forward_[here.states];
    if (pos == 0) {
        std::copy_n(states, n0 * n1, value);
        return;
    }
    const Place& before = at_[pos - 1];
    const int m0 = before.n[0], m1 = before.n[1];
    for (int slot = 0; slot < 2; ++slot) {
        shift(along(slot, pos - 1), static_cast<std::size_t>(before.n[slot]) * here.n[slot]);
    }
    double* partial = &partial_[before.partial];
    min_plus(along(0, pos - 1), n0, 1, &forward_[before.states], m0, n0, m1, partial);
    min_plus(partial, 1, m1, along(1, pos - 1), m1, n0, n1, value);
    for (int i = 0; i < n0 * n1; ++i) value[i] += states[i];
}

// B at pos - 1 from B at pos.
void StripMarginals::step_backward(int pos) {
    const Place& here = at_[pos];
    const Place& before = at_[pos - 1];
    const int n0 = here.n[0], n1 = here.n[1], m0 = before.n[0], m1 = before.n[1];
    const double* states = &costs_[here.across];
    for (int i = 0; i < n0 * n1; ++i) backward_[i] += states[i];
    min_plus(along(0, pos - 1), 1, n0, backward_.data(), n0, m0, n1, next_.data());
    const double* edge = along(1, pos - 1);
    for (int l = 0; l < m1; ++l) {
        for (int d = 0; d < n1; ++d) turned_[d * m1 + l] = edge[l * n1 + d];
    }
    min_plus(next_.data(), 1, n1, turned_.data(), n1, m0, m1, backward_.data());
}

void StripMarginals::write_excess(int pos) {
    const Place& here = at_[pos];
    const int n0 = here.n[0], n1 = here.n[1];
    double* first = &excess_[here.node_only[0]];
    double* second = &excess_[here.node_only[1]];
    std::fill_n(first, n0, kInfinity);
    std::fill_n(second, n1, kInfinity);
    const double* value = &forward_[here.states];
    for (int b = 0; b < n0; ++b) {
        for (int d = 0; d < n1; ++d) {
            const double sum = value[b * n1 + d] + backward_[b * n1 + d];
            first[b] = std::min(first[b], sum);
            second[d] = std::min(second[d], sum);
        }
    }
    const double least = deflate(best_, operations());
    for (int slot = 0; slot < 2; ++slot) {
        double* excess = &excess_[here.node_only[slot]];
        for (int k = 0; k < here.n[slot]; ++k) {
            excess[k] = std::max(deflate(excess[k], 2.0 * operations()) - least, 0.0);
        }
    }
}

void StripMarginals::trace_back() {
    const int length = static_cast<int>(at_.size());
    const Place& last = at_.back();
    const auto begin = forward_.begin() + static_cast<std::ptrdiff_t>(last.states);
    const auto least = std::min_element(begin, begin + last.n[0] * last.n[1]);
    best_ = *least;
    int upper = static_cast<int>(least - begin) / last.n[1];
    int lower = static_cast<int>(least - begin) % last.n[1];
    for (int pos = length - 1;; --pos) {
        chosen_[0][pos] = upper;
        chosen_[1][pos] = lower;
        if (pos == 0) return;
        const Place& here = at_[pos];
        const Place& before = at_[pos - 1];
        const double* partial = &partial_[before.partial + upper * before.n[1]];
        double best = kInfinity;
        int chosen = 0;
        for (int l = 0; l < before.n[1]; ++l) {
            const double sum = partial[l] + along(1, pos - 1)[l * here.n[1] + lower];
            if (sum < best) best = sum, chosen = l;
        }
        lower = chosen;
        const double* value = &forward_[before.states];
        best = kInfinity;
        chosen = 0;
        for (int a = 0; a < before.n[0]; ++a) {
            const double sum =
                value[a * before.n[1] + lower] + along(0, pos - 1)[a * here.n[0] + upper];
            if (sum < best) best = sum, chosen = a;
        }
        upper = chosen;
    }
}

}  // namespace metafast::mrf

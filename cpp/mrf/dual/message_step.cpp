#include "mrf/dual/message_step.hpp"

#include <limits>

#include "threads/simd.hpp"

namespace metafast::mrf {

namespace {

// What a node passes on of its cost to the line, and to the line across: the mean of both.
constexpr float kShare = 0.5f;

constexpr float kMost = std::numeric_limits<float>::max();

template <class V>
METAFAST_INLINE V least(const V& a, const V& b) {
    return a < b ? a : b;
}

// out[b] = min over a of in[a] + min(weight |a - b|, limit), less the least of it, which is
// returned: two runs over the labels.
template <int bytes>
METAFAST_INLINE typename Vector<bytes>::Float send_linear(const EdgeLanes& edge, int labels,
                                                          int part, const float* in, int in_stride,
                                                          float* out, int out_stride) {
    using Float = typename Vector<bytes>::Float;
    const Float weight = load<Float>(edge.weight + part), limit = load<Float>(edge.limit + part);
    Float run = load<Float>(in), lowest = run;
    store(out, run);
    for (int k = 1; k < labels; ++k) {
        const Float here = load<Float>(in + k * in_stride);
        lowest = least(here, lowest);
        run = least(here, run + weight);
        store(out + k * out_stride, run);
    }
    for (int k = labels - 1; k >= 0; --k) {
        run = least(load<Float>(out + k * out_stride), run + weight);
        store(out + k * out_stride, least(run - lowest, limit));
    }
    return lowest;
}

// The same for any table, entry (a, b) at a*from + b*to: `kBlock` labels at a time.
template <int bytes, bool kShared, int kBlock>
METAFAST_INLINE void send_block(const float* table, std::size_t from, std::size_t to, int labels,
                                const float* in, int in_stride, float* out, int out_stride) {
    using Float = typename Vector<bytes>::Float;
    Float best[kBlock];
    METAFAST_UNROLL
    for (int j = 0; j < kBlock; ++j) best[j] = Float{} + kMost;
    for (int a = 0; a < labels; ++a, table += from) {
        const Float here = load<Float>(in + a * in_stride);
        METAFAST_UNROLL
        for (int j = 0; j < kBlock; ++j) {
            if constexpr (kShared) {
                best[j] = least(here + table[j * to], best[j]);
            } else {
                best[j] = least(here + load<Float>(table + j * to), best[j]);
            }
        }
    }
    METAFAST_UNROLL
    for (int j = 0; j < kBlock; ++j) store(out + j * out_stride, best[j]);
}

template <int bytes, bool kShared>
METAFAST_INLINE typename Vector<bytes>::Float send_table(const EdgeLanes& edge, bool back,
                                                         int labels, int part, const float* in,
                                                         int in_stride, float* out,
                                                         int out_stride) {
    using Float = typename Vector<bytes>::Float;
    const std::size_t entry = kShared ? 1 : kLanes;
    const std::size_t from = back ? entry : entry * labels, to = back ? entry * labels : entry;
    const float* table = edge.table + (kShared ? 0 : part);
    int b = 0;
    for (; b + 4 <= labels; b += 4) {
        send_block<bytes, kShared, 4>(table + b * to, from, to, labels, in, in_stride,
                                      out + b * out_stride, out_stride);
    }
    for (; b < labels; ++b) {
        send_block<bytes, kShared, 1>(table + b * to, from, to, labels, in, in_stride,
                                      out + b * out_stride, out_stride);
    }
    Float lowest = load<Float>(out);
    for (int k = 1; k < labels; ++k) lowest = least(load<Float>(out + k * out_stride), lowest);
    const Float present = kShared ? load<Float>(edge.weight + part) : Float{} + 1.0f;
    for (int k = 0; k < labels; ++k) {
        store(out + k * out_stride, (load<Float>(out + k * out_stride) - lowest) * present);
    }
    return lowest * present;
}

// A message through an edge, forward or back.
template <int bytes>
METAFAST_INLINE typename Vector<bytes>::Float send(const EdgeLanes& edge, bool back, int labels,
                                                   int part, const float* in, int in_stride,
                                                   float* out, int out_stride) {
    switch (edge.shape) {
        case PairShape::linear:
            return send_linear<bytes>(edge, labels, part, in, in_stride, out, out_stride);
        case PairShape::shared:
            return send_table<bytes, true>(edge, back, labels, part, in, in_stride, out,
                                           out_stride);
        default:
            return send_table<bytes, false>(edge, back, labels, part, in, in_stride, out,
                                            out_stride);
    }
}

template <int bytes>
METAFAST_INLINE void add_to(double* total, typename Vector<bytes>::Float sum) {
    for (int lane = 0; lane < Vector<bytes>::floats; ++lane) total[lane] += sum[lane];
}

// Adds to the costs (labels, 16) those of the edges from the labels given.
template <int bytes>
METAFAST_INLINE void add_edge(const EdgeLanes& edge, int labels, int part, const float* from,
                              float* costs) {
    using Float = typename Vector<bytes>::Float;
    constexpr int wide = Vector<bytes>::floats;
    if (edge.shape == PairShape::linear) {
        const Float label = load<Float>(from);
        const Float weight = load<Float>(edge.weight + part);
        const Float limit = load<Float>(edge.limit + part);
        for (int k = 0; k < labels; ++k) {
            const Float difference = label - static_cast<float>(k);
            const Float distance = difference < 0.0f ? -difference : difference;
            float* cost = costs + k * kLanes;
            store(cost, load<Float>(cost) + least(weight * distance, limit));
        }
        return;
    }
    const bool shared = edge.shape == PairShape::shared;
    for (int lane = 0; lane < wide; ++lane) {
        const std::size_t row = static_cast<std::size_t>(from[lane]) * labels;
        const float* table = edge.table + (shared ? row : row * kLanes + part + lane);
        const float present = shared ? edge.weight[part + lane] : 1.0f;
        const int entry = shared ? 1 : kLanes;
        for (int k = 0; k < labels; ++k) costs[k * kLanes + lane] += present * table[k * entry];
    }
}

// The labels that cost least given those before, and what is sent on by the nodes behind.
template <int bytes>
METAFAST_INLINE void choose(const MessageStep& s, int part) {
    using Float = typename Vector<bytes>::Float;
    using Int32 = typename Vector<bytes>::Int32;
    float* costs = s.sum + part;
    for (int k = 0; k < s.labels; ++k) {
        const int at = k * kLanes + part;
        store(costs + k * kLanes, load<Float>(s.unary + at) + load<Float>(s.from_right + at) +
                                      load<Float>(s.from_below + at));
    }
    add_edge<bytes>(s.left, s.labels, part, s.label_along + part, costs);
    add_edge<bytes>(s.above, s.labels, part, s.label_across + part, costs);
    Float best = load<Float>(costs), chosen = Float{};
    for (int k = 1; k < s.labels; ++k) {
        const Float cost = load<Float>(costs + k * kLanes);
        const Int32 better = cost < best;
        best = better ? cost : best;
        chosen = better ? Float{} + static_cast<float>(k) : chosen;
    }
    store(s.label_along + part, chosen);
}

// The node's costs with all messages, less the least of them.
template <int bytes>
METAFAST_INLINE typename Vector<bytes>::Float gather(const MessageStep& s, int part) {
    using Float = typename Vector<bytes>::Float;
    Float lowest = Float{} + kMost;
    for (int k = 0; k < s.labels; ++k) {
        const int at = k * kLanes + part;
        const Float sum = load<Float>(s.unary + at) +
                          ((load<Float>(s.from_left + at) + load<Float>(s.from_right + at)) +
                           (load<Float>(s.from_above + at) + load<Float>(s.from_below + at)));
        store(s.sum + at, sum);
        lowest = least(sum, lowest);
    }
    return lowest;
}

// The last part comes first where lanes move up: it reads what the part before it will overwrite.
template <int bytes>
METAFAST_INLINE void forward_kernel(const MessageStep& s) {
    using Float = typename Vector<bytes>::Float;
    constexpr int wide = Vector<bytes>::floats;
    for (int part = kLanes - wide; part >= 0; part -= wide) {
        choose<bytes>(s, part);
        Float bound = send<bytes>(s.left, false, s.labels, part, s.along + part, kLanes,
                                  s.from_left + part, kLanes);
        bound += send<bytes>(s.above, false, s.labels, part, s.across + part, kShifted,
                             s.from_above + part, kLanes);
        const Float lowest = gather<bytes>(s, part);
        for (int k = 0; k < s.labels; ++k) {
            const int at = k * kLanes + part;
            const Float share = kShare * (load<Float>(s.sum + at) - lowest);
            store(s.along + at, share - load<Float>(s.from_right + at));
            store(s.across + k * kShifted + part + 1, share - load<Float>(s.from_below + at));
        }
        add_to<bytes>(s.total + part, bound + lowest);
    }
    for (int lane = 0; lane < kLanes; ++lane) s.label_across[lane + 1] = s.label_along[lane];
}

template <int bytes>
METAFAST_INLINE void backward_kernel(const MessageStep& s) {
    using Float = typename Vector<bytes>::Float;
    constexpr int wide = Vector<bytes>::floats;
    for (int part = 0; part < kLanes; part += wide) {
        for (int k = 0; k < s.labels; ++k) {
            const int at = k * kLanes + part;
            store(s.from_right + at, load<Float>(s.along + at));
            store(s.from_below + at, load<Float>(s.across + k * kShifted + part + 1));
        }
        const Float lowest = gather<bytes>(s, part);
        for (int k = 0; k < s.labels; ++k) {
            const int at = k * kLanes + part;
            const Float share = kShare * (load<Float>(s.sum + at) - lowest);
            store(s.sum + at, share - load<Float>(s.from_left + at));
            store(s.spare + at, share - load<Float>(s.from_above + at));
        }
        Float bound = send<bytes>(s.left, true, s.labels, part, s.sum + part, kLanes,
                                  s.along + part, kLanes);
        bound += send<bytes>(s.above, true, s.labels, part, s.spare + part, kLanes,
                             s.across + part, kShifted);
        add_to<bytes>(s.total + part, bound + lowest);
    }
}

METAFAST_DISPATCH(forward, forward_kernel, (const MessageStep& step), (step))
METAFAST_DISPATCH(backward, backward_kernel, (const MessageStep& step), (step))

}  // namespace

void step_forward(const MessageStep& step) { forward(step); }

void step_backward(const MessageStep& step) { backward(step); }

}  // namespace metafast::mrf

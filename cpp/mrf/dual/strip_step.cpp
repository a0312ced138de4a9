#include "mrf/dual/strip_step.hpp"

#include <algorithm>

#include "mrf/strips/min_plus.hpp"

namespace metafast::mrf {

namespace {

template <int bytes>
using FloatOf = typename Vector<bytes>::Float;

template <class V>
METAFAST_INLINE V least(const V& a, const V& b) {
    return a < b ? a : b;
}

// costs += velocity, velocity *= momentum
template <int bytes>
METAFAST_INLINE void move(float* costs, float* velocity, std::size_t vectors, float momentum) {
    using Float = FloatOf<bytes>;
    constexpr int wide = Vector<bytes>::floats;
    for (std::size_t i = 0; i < vectors * wide; i += wide) {
        const Float speed = load<Float>(velocity + i);
        store(costs + i, load<Float>(costs + i) + speed);
        store(velocity + i, speed * momentum);
    }
}

// The slot's label at the position before gives way to that here:
// out[h, b, l] = min over a of in[h, a, l] + along[a, b]; h the slots behind, l those in front.
template <int bytes>
METAFAST_INLINE void replace_label(const StripStep& s, int slot, const float* in, float* out) {
    constexpr std::size_t wide = Vector<bytes>::floats;
    const std::size_t from = s.m[slot], to = s.n[slot];
    std::size_t low = 1, high = 1;
    for (int q = 0; q < slot; ++q) low *= s.n[q];
    for (int q = slot + 1; q < s.width; ++q) high *= s.m[q];
    if (low == 1) {
        min_plus<bytes>(in, wide, from * wide, s.along[slot], to * wide, s.m[slot], high, to, out);
        return;
    }
    for (std::size_t h = 0; h < high; ++h) {
        min_plus<bytes>(s.along[slot], to * wide, wide, in + h * from * low * wide, low * wide,
                        s.m[slot], to, low, out + h * to * low * wide);
    }
}

// Costs of the states of slots 0..slot, from those of slots 0..slot-1: out[b, u, l] with u the
// label of the slot before. At the last slot they are added to the states, and their least is
// found.
template <int bytes, bool kLast>
METAFAST_INLINE FloatOf<bytes> add_slot(const StripStep& s, int slot, const float* in, float* out) {
    using Float = FloatOf<bytes>;
    constexpr std::size_t wide = Vector<bytes>::floats;
    const std::size_t uppers = s.n[slot - 1];
    std::size_t run = 1;
    for (int q = 0; q + 1 < slot; ++q) run *= s.n[q];
    Float lowest = Float{} + 3e38f;
    for (int b = 0; b < s.n[slot]; ++b) {
        const Float own = load<Float>(s.node[slot] + b * wide);
        const float* across = s.across[slot - 1] + b * uppers * wide;
        const float* part = in;
        for (std::size_t u = 0; u < uppers; ++u, across += wide) {
            const Float cost = own + load<Float>(across);
            for (std::size_t l = 0; l < run; ++l, part += wide, out += wide) {
                Float sum = cost + load<Float>(part);
                if (kLast) {
                    sum += load<Float>(out);
                    lowest = least(lowest, sum);
                }
                store(out, sum);
            }
        }
    }
    return lowest;
}

// The least of the states is taken out at the next position, which keeps the float32 numbers small
// however long the strip is.
template <int bytes>
METAFAST_INLINE void step_kernel(const StripStep& s) {
    using Float = FloatOf<bytes>;
    constexpr int wide = Vector<bytes>::floats;
    const float* in = s.before;
    std::size_t states = 1;
    for (int slot = 0; slot < s.width; ++slot) {
        states *= s.n[slot];
        if (s.first) continue;
        float* out = slot + 1 < s.width ? s.partial[slot] : s.value;
        replace_label<bytes>(s, slot, in, out);
        in = out;
    }
    if (s.first) std::fill_n(s.value, states * wide, 0.0f);
    const Float taken_out = load<Float>(s.lowest);
    float* part = s.sum[0];
    for (int b = 0; b < s.n[0]; ++b) {
        store(part + b * wide, load<Float>(s.node[0] + b * wide) - taken_out);
    }
    for (int slot = 1; slot + 1 < s.width; ++slot) {
        add_slot<bytes, false>(s, slot, part, s.sum[slot % 2]);
        part = s.sum[slot % 2];
    }
    const Float lowest = add_slot<bytes, true>(s, s.width - 1, part, s.value);
    store(s.lowest, lowest);
    for (int lane = 0; lane < wide; ++lane) s.total[lane] += lowest[lane];
}

METAFAST_DISPATCH(dispatch_step, step_kernel, (const StripStep& s), (s))
METAFAST_DISPATCH(dispatch_move, move,
                  (float* costs, float* velocity, std::size_t vectors, float momentum),
                  (costs, velocity, vectors, momentum))

}  // namespace

int strips_of_a_vector() {
#if defined(__x86_64__)
    return vector_bytes() / 4;
#else
    return 4;
#endif
}

void move_costs(float* costs, float* velocity, std::size_t vectors, float momentum) {
    dispatch_move(costs, velocity, vectors, momentum);
}

void advance_strips(const StripStep& step) { dispatch_step(step); }

}  // namespace metafast::mrf

#include "mrf/strip_lanes.hpp"

#include <algorithm>

#include "threads/simd.hpp"

namespace metafast::mrf {

namespace {

template <int bytes>
using FloatOf = typename Vector<bytes>::Float;

template <class V>
METAFAST_INLINE V least(const V& a, const V& b) {
    return a < b ? a : b;
}

// out[i, j] = min over k of p[k, i] + q[k, j], a block of it; every entry is a vector over strips.
// The accumulators stay in registers while k passes by.
template <int bytes, int kRows, int kCols>
METAFAST_INLINE void min_plus_block(const float* p, std::size_t p_k, std::size_t p_i,
                                    const float* q, std::size_t q_k, int terms, float* out,
                                    std::size_t out_i) {
    using Float = FloatOf<bytes>;
    constexpr int wide = Vector<bytes>::floats;
    Float best[kRows][kCols];
    METAFAST_UNROLL
    for (int i = 0; i < kRows; ++i) {
        const Float from = load<Float>(p + i * p_i);
        METAFAST_UNROLL
        for (int j = 0; j < kCols; ++j) best[i][j] = from + load<Float>(q + j * wide);
    }
    for (int k = 1; k < terms; ++k) {
        p += p_k;
        q += q_k;
        METAFAST_UNROLL
        for (int i = 0; i < kRows; ++i) {
            const Float from = load<Float>(p + i * p_i);
            METAFAST_UNROLL
            for (int j = 0; j < kCols; ++j) {
                best[i][j] = least(best[i][j], from + load<Float>(q + j * wide));
            }
        }
    }
    METAFAST_UNROLL
    for (int i = 0; i < kRows; ++i) {
        METAFAST_UNROLL
        for (int j = 0; j < kCols; ++j) store(out + i * out_i + j * wide, best[i][j]);
    }
}

template <int bytes, int kCols>
METAFAST_INLINE void min_plus_columns(const float* p, std::size_t p_k, std::size_t p_i,
                                      const float* q, std::size_t q_k, int terms, int rows,
                                      float* out, std::size_t out_i) {
    constexpr int tall = bytes == 64 ? 4 : 2;
    int i = 0;
    for (; i + tall <= rows; i += tall) {
        min_plus_block<bytes, tall, kCols>(p + i * p_i, p_k, p_i, q, q_k, terms, out + i * out_i,
                                           out_i);
    }
    for (; i < rows; ++i) {
        min_plus_block<bytes, 1, kCols>(p + i * p_i, p_k, p_i, q, q_k, terms, out + i * out_i,
                                        out_i);
    }
}

// Strides in floats.
template <int bytes>
METAFAST_INLINE void min_plus(const float* p, std::size_t p_k, std::size_t p_i, const float* q,
                              std::size_t q_k, int terms, std::size_t rows, std::size_t cols,
                              float* out) {
    constexpr int wide = Vector<bytes>::floats;
    const std::size_t out_i = cols * wide;
    while (cols > 0) {
        const std::size_t blocks = (cols + 4) / 5;
        const std::size_t block = (cols + blocks - 1) / blocks;
        const int n = static_cast<int>(rows);
        switch (block) {
            case 5: min_plus_columns<bytes, 5>(p, p_k, p_i, q, q_k, terms, n, out, out_i); break;
            case 4: min_plus_columns<bytes, 4>(p, p_k, p_i, q, q_k, terms, n, out, out_i); break;
            case 3: min_plus_columns<bytes, 3>(p, p_k, p_i, q, q_k, terms, n, out, out_i); break;
            case 2: min_plus_columns<bytes, 2>(p, p_k, p_i, q, q_k, terms, n, out, out_i); break;
            default: min_plus_columns<bytes, 1>(p, p_k, p_i, q, q_k, terms, n, out, out_i);
        }
        q += block * wide;
        out += block * wide;
        cols -= block;
    }
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

// One position of a group, as `advance` sees it.
struct Position {
    int width;
    int n[kMostLines], m[kMostLines];  // labels here, and at the position before
    bool first;                        // there is none before
    const float* node[kMostLines];
    const float* along[kMostLines];   // from the position before
    const float* across[kMostLines];  // slot q to slot q+1
    const float* before;              // states of the position before
    float* partial[kMostLines];       // states after slot q has come here, but for the last
    float* value;                     // states here
    float* sum[2];                    // scratch: costs of states of fewer slots
    float* lowest;                    // the least of the states, of the position before, then here
    double* total;
};

// The slot's label at the position before gives way to that here:
// out[h, b, l] = min over a of in[h, a, l] + along[a, b]; h the slots behind, l those in front.
template <int bytes>
METAFAST_INLINE void replace_label(const Position& s, int slot, const float* in, float* out) {
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

// Costs of the states of slots 0..slot, from those of slots 0..slot-1: out[b, u, l] with u the label
// of the slot before. At the last slot they are added to the states, and their least is found.
template <int bytes, bool kLast>
METAFAST_INLINE FloatOf<bytes> add_slot(const Position& s, int slot, const float* in, float* out) {
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
METAFAST_INLINE void position_kernel(const Position& s) {
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

METAFAST_DISPATCH(advance_position, position_kernel, (const Position& s), (s))
METAFAST_DISPATCH(move_costs, move,
                  (float* costs, float* velocity, std::size_t vectors, float momentum),
                  (costs, velocity, vectors, momentum))

int lanes_of_a_vector() {
#if defined(__x86_64__)
    return vector_bytes() / 4;
#else
    return 4;
#endif
}

std::size_t lanes_for(std::size_t floats) { return (floats + kLanes - 1) / kLanes; }

}  // namespace

StripFamily::StripFamily(const StripLayout& layout, const StripSplit& split, ThreadPool& pool)
    : layout_(layout),
      width_(layout.width),
      length_(layout.lines.length()),
      lanes_(lanes_of_a_vector()),
      groups_((layout.strips() + lanes_ - 1) / lanes_),
      pool_(pool) {
    lay_out();
    moving_.resize(lanes_for(moving_size_ * lanes_));
    velocity_.resize(moving_.size());
    fixed_.resize(lanes_for(fixed_size_ * lanes_));
    scratch_.resize(pool.size() *
                    lanes_for((value_size_ + partial_size_ + 2 * sum_size_) * lanes_));
    pool.run(groups_, [&](int group, int) { pack(split, group); });
}

int StripFamily::strips_in(int group) const {
    return std::min(lanes_, layout_.strips() - group * lanes_);
}

float* StripFamily::scratch(int worker) {
    return scratch_[worker * lanes_for((value_size_ + partial_size_ + 2 * sum_size_) * lanes_)].at;
}

void StripFamily::lay_out() {
    places_.resize(static_cast<std::size_t>(groups_) * length_);
    for (int group = 0; group < groups_; ++group) {
        Place* places = &places_[static_cast<std::size_t>(group) * length_];
        for (int pos = 0; pos < length_; ++pos) {
            for (int slot = 0; slot < width_; ++slot) {
                int& most = places[pos].n[slot];
                most = 1;
                for (int lane = 0; lane < strips_in(group); ++lane) {
                    const int line = layout_.line(group * lanes_ + lane, slot);
                    most = std::max(most, layout_.labels(line, pos));
                }
            }
        }
        std::size_t value = 0, partial = 0;
        for (int pos = 0; pos < length_; ++pos) {
            Place& here = places[pos];
            here.moving = moving_size_;
            here.fixed = fixed_size_;
            here.value = value;
            here.partial = partial;
            std::size_t states = 1;
            for (int slot = 0; slot < width_; ++slot) {
                sum_size_ = std::max(sum_size_, slot + 1 < width_ ? states * here.n[slot] : 0);
                states *= here.n[slot];
                std::size_t& size = moves(slot) ? moving_size_ : fixed_size_;
                size += here.n[slot];
                if (slot + 1 < width_) {
                    fixed_size_ += static_cast<std::size_t>(here.n[slot]) * here.n[slot + 1];
                }
                if (pos + 1 == length_) continue;
                size += static_cast<std::size_t>(here.n[slot]) * places[pos + 1].n[slot];
            }
            value += states;
            if (pos == 0) continue;
            for (int slot = 0; slot + 1 < width_; ++slot) {
                states = states / here.n[width_ - 1 - slot] * places[pos - 1].n[width_ - 1 - slot];
                partial += states;
            }
        }
        value_size_ = std::max(value_size_, value);
        partial_size_ = std::max(partial_size_, partial);
    }
}

std::size_t StripFamily::node(const Place& here, int slot) const {
    if (slot == 0) return here.moving * lanes_;
    if (slot + 1 == width_) return (here.moving + here.n[0]) * lanes_;
    std::size_t at = here.fixed;
    for (int q = 0; q + 1 < width_; ++q) at += static_cast<std::size_t>(here.n[q]) * here.n[q + 1];
    for (int q = 1; q < slot; ++q) at += here.n[q];
    return at * lanes_;
}

// Table of the edges from `here` to `next`.
std::size_t StripFamily::along(const Place& here, const Place& next, int slot) const {
    std::size_t at = 0;
    if (moves(slot)) {
        at = here.moving + here.n[0] + here.n[width_ - 1];
        if (slot > 0) at += static_cast<std::size_t>(here.n[0]) * next.n[0];
        return at * lanes_;
    }
    at = node(here, width_ - 2) / lanes_ + here.n[width_ - 2];
    for (int q = 1; q < slot; ++q) at += static_cast<std::size_t>(here.n[q]) * next.n[q];
    return at * lanes_;
}

std::size_t StripFamily::across(const Place& here, int slot) const {
    std::size_t at = here.fixed;
    for (int q = 0; q < slot; ++q) at += static_cast<std::size_t>(here.n[q]) * here.n[q + 1];
    return at * lanes_;
}

void StripFamily::pack(const StripSplit& split, int group) {
    for (int lane = 0; lane < strips_in(group); ++lane) {
        for (int slot = 0; slot < width_; ++slot) {
            pack_line(split, group, lane, slot);
            if (slot + 1 < width_) pack_across(split.scale, group, lane, slot);
        }
    }
}

void StripFamily::pack_line(const StripSplit& split, int group, int lane, int slot) {
    const Lines& lines = layout_.lines;
    const int line = layout_.line(group * lanes_ + lane, slot);
    float* costs = this->costs(slot) + lane;
    if (!layout_.holds(line)) {  // its one label costs nothing
        for (int pos = 0; pos < length_; ++pos) {
            const Place& here = place(group, pos);
            float* to = costs + node(here, slot);
            for (int k = 1; k < here.n[slot]; ++k) to[k * lanes_] = kAbsent;
        }
        return;
    }
    const bool shared = moves(slot) && layout_.shared(line);
    const float share = shared ? 0.5f : 1.0f;
    const float sign = !shared ? 0.0f : slot == 0 ? 1.0f : -1.0f;
    std::vector<double> room(lines.grid().pairs());
    for (int pos = 0; pos < length_; ++pos) {
        const Place& here = place(group, pos);
        const int count = lines.labels(line, pos);
        const double* unary = lines.unary(line, pos, room.data());
        const double least_unary = least_entry(unary, count);
        const float* multiplier = split.node(lines.node(line, pos), lines.field.sets);
        float* to = costs + node(here, slot);
        for (int k = 0; k < here.n[slot]; ++k) {
            to[k * lanes_] = k < count ? share * working_cost(unary[k], least_unary, split.scale) +
                                             sign * multiplier[k]
                                       : kAbsent;
        }
        if (pos + 1 == length_) return;
        const Place& next = place(group, pos + 1);
        const int ahead = lines.labels(line, pos + 1);
        const double* edge = lines.along(line, pos, room.data());
        const double least_edge = least_entry(edge, static_cast<std::size_t>(count) * ahead);
        const float* turn = split.edge(line, pos);
        float* table = costs + along(here, next, slot);
        for (int a = 0; a < count; ++a) {
            for (int b = 0; b < ahead; ++b, ++edge, ++turn) {
                table[(static_cast<std::size_t>(a) * next.n[slot] + b) * lanes_] =
                    share * working_cost(*edge, least_edge, split.scale) + sign * *turn;
            }
        }
    }
}

void StripFamily::pack_across(double scale, int group, int lane, int slot) {
    const Lines& lines = layout_.lines;
    const int line = layout_.line(group * lanes_ + lane, slot);
    if (!layout_.holds(line + 1)) return;
    std::vector<double> room(lines.grid().pairs());
    for (int pos = 0; pos < length_; ++pos) {
        const Place& here = place(group, pos);
        const int upper = lines.labels(line, pos), lower = lines.labels(line + 1, pos);
        const double* edge = lines.across(line, pos, room.data());
        const double least_edge = least_entry(edge, static_cast<std::size_t>(upper) * lower);
        float* to = fixed_[0].at + across(here, slot) + lane;
        for (int a = 0; a < upper; ++a) {
            for (int b = 0; b < lower; ++b, ++edge) {
                to[(static_cast<std::size_t>(b) * here.n[slot] + a) * lanes_] =
                    working_cost(*edge, least_edge, scale);
            }
        }
    }
}

// Half the difference of both copies is the multiplier: slot 0's are written, the last slot's then
// taken off.
void StripFamily::save(StripSplit& split) const {
    for (const int slot : {0, width_ - 1}) {
        pool_.run(groups_, [&](int group, int) { add_copies(split, group, slot); });
    }
}

void StripFamily::add_copies(StripSplit& split, int group, int slot) const {
    // Forbidden costs have no multiplier.
    auto add = [slot](float& to, float cost) {
        const float half = cost < 0.25f * kForbidden ? 0.5f * cost : 0.0f;
        to = slot == 0 ? half : to - half;
    };
    const Lines& lines = layout_.lines;
    for (int lane = 0; lane < strips_in(group); ++lane) {
        const int line = layout_.line(group * lanes_ + lane, slot);
        if (!layout_.shared(line)) continue;
        const float* costs = this->costs(slot) + lane;
        for (int pos = 0; pos < length_; ++pos) {
            const Place& here = place(group, pos);
            const int count = lines.labels(line, pos);
            float* to = split.node(lines.node(line, pos), lines.field.sets);
            const float* from = costs + node(here, slot);
            for (int k = 0; k < count; ++k) add(to[k], from[k * lanes_]);
            if (pos + 1 == length_) break;
            const Place& next = place(group, pos + 1);
            const int ahead = lines.labels(line, pos + 1);
            float* turn = split.edge(line, pos);
            from = costs + along(here, next, slot);
            for (int a = 0; a < count; ++a) {
                for (int b = 0; b < ahead; ++b, ++turn) {
                    add(*turn, from[(static_cast<std::size_t>(a) * next.n[slot] + b) * lanes_]);
                }
            }
        }
    }
}

// Every copy is made dearer where its own strip's label is, cheaper where the other strip's is.
void StripFamily::add_impulses(int group, float size, const StripLabels& labels) {
    float* velocity = velocity_[0].at;
    for (int lane = 0; lane < strips_in(group); ++lane) {
        const int strip = group * lanes_ + lane;
        for (const int slot : {0, width_ - 1}) {
            if (!layout_.shared(layout_.line(strip, slot))) continue;
            const int other = strip + (slot == 0 ? -1 : 1);
            const Label* own = &labels[slot][static_cast<std::size_t>(strip) * length_];
            const Label* theirs =
                &labels[width_ - 1 - slot][static_cast<std::size_t>(other) * length_];
            bool differed = false;
            for (int pos = 0; pos < length_; ++pos) {
                const Place& here = place(group, pos);
                const bool differs = own[pos] != theirs[pos];
                if (differs) {
                    float* cost = velocity + node(here, slot) + lane;
                    cost[own[pos] * lanes_] += size;
                    cost[theirs[pos] * lanes_] -= size;
                }
                if (pos > 0 && (differs || differed)) {
                    const std::size_t stride = here.n[slot];
                    float* edge = velocity + along(place(group, pos - 1), here, slot) + lane;
                    edge[(own[pos - 1] * stride + own[pos]) * lanes_] += size;
                    edge[(theirs[pos - 1] * stride + theirs[pos]) * lanes_] -= size;
                }
                differed = differs;
            }
        }
    }
}

void StripFamily::advance(int group, int worker, Step step, const StripLabels& labels,
                          StripLabels& next, double* values) {
    if (step.size != 0.0f) add_impulses(group, step.size, labels);
    float* value = scratch(worker);
    float* partial = value + value_size_ * lanes_;
    float* sums = partial + partial_size_ * lanes_;
    double total[kLanes] = {};
    float lowest[kLanes] = {};
    for (int pos = 0; pos < length_; ++pos) {
        const Place& here = place(group, pos);
        const bool last = pos + 1 == length_;
        // Nodes and the edges to the next position lie side by side.
        std::size_t moving = here.n[0] + here.n[width_ - 1];
        Position s{};
        s.width = width_;
        s.first = pos == 0;
        s.value = value + here.value * lanes_;
        s.sum[0] = sums;
        s.sum[1] = sums + sum_size_ * lanes_;
        s.total = total;
        s.lowest = lowest;
        for (int slot = 0; slot < width_; ++slot) {
            s.n[slot] = here.n[slot];
            s.node[slot] = costs(slot) + node(here, slot);
            if (slot + 1 < width_) s.across[slot] = fixed_[0].at + across(here, slot);
            if (!last && moves(slot)) {
                moving += static_cast<std::size_t>(here.n[slot]) * place(group, pos + 1).n[slot];
            }
        }
        move_costs(moving_[0].at + here.moving * lanes_, velocity_[0].at + here.moving * lanes_,
                   moving, step.momentum);
        if (pos > 0) {
            const Place& before = place(group, pos - 1);
            s.before = value + before.value * lanes_;
            std::size_t at = here.partial;
            for (int slot = 0; slot < width_; ++slot) {
                s.m[slot] = before.n[slot];
                s.along[slot] = costs(slot) + along(before, here, slot);
            }
            for (int slot = 0; slot + 1 < width_; ++slot) {
                s.partial[slot] = partial + at * lanes_;
                std::size_t states = 1;
                for (int q = 0; q < width_; ++q) states *= q <= slot ? s.n[q] : s.m[q];
                at += states;
            }
        }
        advance_position(s);
    }
    for (int lane = 0; lane < strips_in(group); ++lane) values[group * lanes_ + lane] = total[lane];
    trace_back(group, value, partial, next);
}

void StripFamily::trace_back(int group, const float* value, const float* partial,
                             StripLabels& next) const {
    const int lanes = strips_in(group);
    const std::size_t wide = lanes_;
    int chosen[kMostLines][kLanes];
    {
        const Place& last = place(group, length_ - 1);
        const float* f = value + last.value * wide;
        std::size_t states = 1;
        for (int slot = 0; slot < width_; ++slot) states *= last.n[slot];
        for (int lane = 0; lane < lanes; ++lane) {
            std::size_t best = 0;
            for (std::size_t i = 1; i < states; ++i) {
                if (f[i * wide + lane] < f[best * wide + lane]) best = i;
            }
            for (int slot = 0; slot < width_; ++slot) {
                chosen[slot][lane] = static_cast<int>(best % last.n[slot]);
                best /= last.n[slot];
            }
        }
    }
    for (int pos = length_ - 1;; --pos) {
        for (int slot = 0; slot < width_; ++slot) {
            Label* to = &next[slot][static_cast<std::size_t>(group) * lanes_ * length_ + pos];
            for (int lane = 0; lane < lanes; ++lane) {
                to[static_cast<std::size_t>(lane) * length_] =
                    static_cast<Label>(chosen[slot][lane]);
            }
        }
        if (pos == 0) return;
        const Place& here = place(group, pos);
        const Place& before = place(group, pos - 1);
        // States from which slot q came here, its own label the one at the position before.
        const float* from[kMostLines];
        from[0] = value + before.value * wide;
        std::size_t at = here.partial;
        for (int slot = 0; slot + 1 < width_; ++slot) {
            from[slot + 1] = partial + at * wide;
            std::size_t states = 1;
            for (int q = 0; q < width_; ++q) states *= q <= slot ? here.n[q] : before.n[q];
            at += states;
        }
        for (int slot = width_ - 1; slot >= 0; --slot) {
            std::size_t stride[kMostLines], size = 1;
            for (int q = 0; q < width_; ++q) {
                stride[q] = size;
                size *= q < slot ? here.n[q] : before.n[q];
            }
            const float* edges = costs(slot) + along(before, here, slot);
            for (int lane = 0; lane < lanes; ++lane) {
                const float* state = from[slot] + lane;
                for (int q = 0; q < width_; ++q) {
                    if (q != slot) state += stride[q] * chosen[q][lane] * wide;
                }
                const float* edge = edges + chosen[slot][lane] * wide + lane;
                float best = state[0] + edge[0];
                int arg = 0;
                for (int a = 1; a < before.n[slot]; ++a) {
                    const float sum = state[a * stride[slot] * wide] + edge[a * here.n[slot] * wide];
                    if (sum < best) best = sum, arg = a;
                }
                chosen[slot][lane] = arg;
            }
        }
    }
}

}  // namespace metafast::mrf

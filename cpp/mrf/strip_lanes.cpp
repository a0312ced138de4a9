#include "mrf/strip_lanes.hpp"

#include <algorithm>
#include <cmath>

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
    for (int i = 0; i < kRows; ++i) {
        const Float from = load<Float>(p + i * p_i);
        for (int j = 0; j < kCols; ++j) best[i][j] = from + load<Float>(q + j * wide);
    }
    for (int k = 1; k < terms; ++k) {
        p += p_k;
        q += q_k;
        Float row[kCols];
        for (int j = 0; j < kCols; ++j) row[j] = load<Float>(q + j * wide);
        for (int i = 0; i < kRows; ++i) {
            const Float from = load<Float>(p + i * p_i);
            for (int j = 0; j < kCols; ++j) best[i][j] = least(best[i][j], from + row[j]);
        }
    }
    for (int i = 0; i < kRows; ++i) {
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
                              std::size_t q_k, int terms, int rows, int cols, float* out) {
    constexpr int wide = Vector<bytes>::floats;
    const std::size_t out_i = static_cast<std::size_t>(cols) * wide;
    while (cols > 0) {
        const int blocks = (cols + 4) / 5;
        const int block = (cols + blocks - 1) / blocks;
        switch (block) {
            case 5: min_plus_columns<bytes, 5>(p, p_k, p_i, q, q_k, terms, rows, out, out_i); break;
            case 4: min_plus_columns<bytes, 4>(p, p_k, p_i, q, q_k, terms, rows, out, out_i); break;
            case 3: min_plus_columns<bytes, 3>(p, p_k, p_i, q, q_k, terms, rows, out, out_i); break;
            case 2: min_plus_columns<bytes, 2>(p, p_k, p_i, q, q_k, terms, rows, out, out_i); break;
            default: min_plus_columns<bytes, 1>(p, p_k, p_i, q, q_k, terms, rows, out, out_i);
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

// One position of a group, as `pass` sees it.
struct Position {
    int n0, n1, m0, m1;  // labels here, and at the position before (0 at the first)
    float* nodes;        // node0, node1: costs
    float* along;        // along0, along1 from the position before
    float* nodes_velocity;
    float* along_velocity;
    const float* across;
    const float* before;  // F of the position before
    float* partial;       // G
    float* value;         // F
    float momentum;
    double* total;
};

// The minimum is taken out at every position, which keeps the float32 numbers small however long
// the strip is.
template <int bytes>
METAFAST_INLINE void position_kernel(const Position& s) {
    using Float = FloatOf<bytes>;
    constexpr int wide = Vector<bytes>::floats;
    const int n0 = s.n0, n1 = s.n1, m0 = s.m0, m1 = s.m1;
    move<bytes>(s.nodes, s.nodes_velocity, n0 + n1, s.momentum);
    if (m0 > 0) {
        const std::size_t first = static_cast<std::size_t>(m0) * n0;
        move<bytes>(s.along, s.along_velocity, first + static_cast<std::size_t>(m1) * n1,
                    s.momentum);
        const std::size_t to_here = static_cast<std::size_t>(n0) * wide;
        const std::size_t row = static_cast<std::size_t>(m1) * wide;
        min_plus<bytes>(s.along, to_here, wide, s.before, row, m0, n0, m1, s.partial);
        min_plus<bytes>(s.partial, wide, row, s.along + first * wide,
                        static_cast<std::size_t>(n1) * wide, m1, n0, n1, s.value);
    }
    Float lowest = Float{} + 3e38f;
    for (int b = 0; b < n0; ++b) {
        const Float upper = load<Float>(s.nodes + b * wide);
        for (int d = 0; d < n1; ++d) {
            const std::size_t at = (static_cast<std::size_t>(b) * n1 + d) * wide;
            Float sum = upper + load<Float>(s.nodes + (n0 + d) * wide) + load<Float>(s.across + at);
            if (m0 > 0) sum += load<Float>(s.value + at);
            store(s.value + at, sum);
            lowest = least(lowest, sum);
        }
    }
    for (int i = 0; i < n0 * n1 * wide; i += wide) {
        store(s.value + i, load<Float>(s.value + i) - lowest);
    }
    for (int lane = 0; lane < wide; ++lane) s.total[lane] += lowest[lane];
}

METAFAST_DISPATCH(advance_position, position_kernel, (const Position& s), (s))

int lanes_of_a_vector() {
#if defined(__x86_64__)
    return vector_bytes() / 4;
#else
    return 4;
#endif
}

std::size_t lanes_for(std::size_t floats) { return (floats + kLanes - 1) / kLanes; }

}  // namespace

StripFamily::StripFamily(const Lines& lines, const StripSplit& split, ThreadPool& pool)
    : strips_(lines.count() - 1),
      length_(lines.length()),
      lanes_(lanes_of_a_vector()),
      groups_((strips_ + lanes_ - 1) / lanes_),
      pool_(pool) {
    lay_out(lines);
    costs_.resize(lanes_for(costs_size_ * lanes_));
    velocity_.resize(costs_.size());
    across_.resize(lanes_for(across_size_ * lanes_));
    scratch_.resize(pool.size() * (lanes_for(values_ * lanes_) + lanes_for(partials_ * lanes_)));
    pool.run(groups_, [&](int group, int) { pack(lines, split, group); });
}

int StripFamily::strips_in(int group) const {
    return std::min(lanes_, strips_ - group * lanes_);
}

void StripFamily::lay_out(const Lines& lines) {
    places_.resize(static_cast<std::size_t>(groups_) * length_);
    for (int group = 0; group < groups_; ++group) {
        for (int pos = 0; pos < length_; ++pos) {
            Place& here = places_[group * length_ + pos];
            for (int slot = 0; slot < 2; ++slot) {
                here.n[slot] = 1;
                for (int lane = 0; lane < strips_in(group); ++lane) {
                    const int line = group * lanes_ + lane + slot;
                    here.n[slot] = std::max(here.n[slot], lines.labels(line, pos));
                }
            }
        }
        std::size_t partial = 0;
        const std::size_t first = across_size_;
        for (int pos = 0; pos < length_; ++pos) {
            Place& here = places_[group * length_ + pos];
            here.costs = costs_size_;
            here.across = across_size_;
            here.partial = partial;
            costs_size_ += here.n[0] + here.n[1];
            across_size_ += static_cast<std::size_t>(here.n[0]) * here.n[1];
            if (pos + 1 == length_) break;
            const Place& next = places_[group * length_ + pos + 1];
            for (int slot = 0; slot < 2; ++slot) {
                costs_size_ += static_cast<std::size_t>(here.n[slot]) * next.n[slot];
            }
            partial += static_cast<std::size_t>(next.n[0]) * here.n[1];
        }
        values_ = std::max(values_, across_size_ - first);
        partials_ = std::max(partials_, partial);
    }
}

std::size_t StripFamily::node(const Place& here, int slot) const {
    return (here.costs + (slot == 0 ? 0 : here.n[0])) * lanes_;
}

// Table of the edges from `here` to `next`.
std::size_t StripFamily::along(const Place& here, const Place& next, int slot) const {
    std::size_t at = here.costs + here.n[0] + here.n[1];
    if (slot == 1) at += static_cast<std::size_t>(here.n[0]) * next.n[0];
    return at * lanes_;
}

float* StripFamily::scratch(int worker) {
    return scratch_[worker * (lanes_for(values_ * lanes_) + lanes_for(partials_ * lanes_))].at;
}

void StripFamily::pack(const Lines& lines, const StripSplit& split, int group) {
    const bool last = group + 1 == groups_;
    const Place& first = place(group, 0);
    const std::size_t costs_end = last ? costs_size_ : place(group + 1, 0).costs;
    const std::size_t across_end = last ? across_size_ : place(group + 1, 0).across;
    for (float* array : {costs_[0].at, velocity_[0].at}) {
        std::fill(array + first.costs * lanes_, array + costs_end * lanes_, 0.0f);
    }
    std::fill(across_[0].at + first.across * lanes_, across_[0].at + across_end * lanes_, 0.0f);
    for (int lane = 0; lane < strips_in(group); ++lane) {
        for (int slot = 0; slot < 2; ++slot) pack_line(lines, split, group, lane, slot);
        pack_across(lines, split.scale, group, lane);
    }
}

void StripFamily::pack_line(const Lines& lines, const StripSplit& split, int group, int lane,
                            int slot) {
    const int line = group * lanes_ + lane + slot;
    const bool shared = line > 0 && line + 1 < lines.count();
    const float share = shared ? 0.5f : 1.0f;
    const float sign = !shared ? 0.0f : slot == 0 ? 1.0f : -1.0f;
    float* costs = costs_[0].at + lane;
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

void StripFamily::pack_across(const Lines& lines, double scale, int group, int lane) {
    const int strip = group * lanes_ + lane;
    std::vector<double> room(lines.grid().pairs());
    for (int pos = 0; pos < length_; ++pos) {
        const Place& here = place(group, pos);
        const int upper = lines.labels(strip, pos), lower = lines.labels(strip + 1, pos);
        const double* edge = lines.across(strip, pos, room.data());
        const double least_edge = least_entry(edge, static_cast<std::size_t>(upper) * lower);
        float* to = across_[0].at + here.across * lanes_ + lane;
        for (int a = 0; a < upper; ++a) {
            for (int b = 0; b < lower; ++b, ++edge) {
                to[(static_cast<std::size_t>(a) * here.n[1] + b) * lanes_] =
                    working_cost(*edge, least_edge, scale);
            }
        }
    }
}

// Half the difference of both copies is the multiplier: slot 0's are written, slot 1's then taken
// off.
void StripFamily::save(const Lines& lines, StripSplit& split) const {
    for (int slot = 0; slot < 2; ++slot) {
        pool_.run(groups_, [&](int group, int) { add_copies(lines, split, group, slot); });
    }
}

void StripFamily::add_copies(const Lines& lines, StripSplit& split, int group, int slot) const {
    // Forbidden costs have no multiplier.
    auto add = [slot](float& to, float cost) {
        const float half = cost < 0.25f * kForbidden ? 0.5f * cost : 0.0f;
        to = slot == 0 ? half : to - half;
    };
    const float* costs = costs_[0].at;
    for (int lane = 0; lane < strips_in(group); ++lane) {
        const int line = group * lanes_ + lane + slot;
        if (line == 0 || line + 1 == lines.count()) continue;
        for (int pos = 0; pos < length_; ++pos) {
            const Place& here = place(group, pos);
            const int count = lines.labels(line, pos);
            float* to = split.node(lines.node(line, pos), lines.field.sets);
            const float* from = costs + node(here, slot) + lane;
            for (int k = 0; k < count; ++k) add(to[k], from[k * lanes_]);
            if (pos + 1 == length_) break;
            const Place& next = place(group, pos + 1);
            const int ahead = lines.labels(line, pos + 1);
            float* turn = split.edge(line, pos);
            from = costs + along(here, next, slot) + lane;
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
        for (int slot = 0; slot < 2; ++slot) {
            const int other = strip + (slot == 0 ? -1 : 1);
            if (other < 0 || other >= strips_) continue;
            const Label* own = &labels.slot[slot][static_cast<std::size_t>(strip) * length_];
            const Label* theirs =
                &labels.slot[1 - slot][static_cast<std::size_t>(other) * length_];
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
    float* partial = value + lanes_for(values_ * lanes_) * kLanes;
    double total[kLanes] = {};
    const std::size_t first = place(group, 0).across;
    for (int pos = 0; pos < length_; ++pos) {
        const Place& here = place(group, pos);
        Position s{};
        s.n0 = here.n[0];
        s.n1 = here.n[1];
        s.nodes = costs_[0].at + here.costs * lanes_;
        s.nodes_velocity = velocity_[0].at + here.costs * lanes_;
        s.across = across_[0].at + here.across * lanes_;
        s.value = value + (here.across - first) * lanes_;
        s.momentum = step.momentum;
        s.total = total;
        if (pos > 0) {
            const Place& before = place(group, pos - 1);
            s.m0 = before.n[0];
            s.m1 = before.n[1];
            s.along = costs_[0].at + along(before, here, 0);
            s.along_velocity = velocity_[0].at + along(before, here, 0);
            s.before = value + (before.across - first) * lanes_;
            s.partial = partial + before.partial * lanes_;
        }
        advance_position(s);
    }
    for (int lane = 0; lane < strips_in(group); ++lane) values[group * lanes_ + lane] = total[lane];
    trace_back(group, value, partial, next);
}

void StripFamily::trace_back(int group, const float* value, const float* partial,
                             StripLabels& next) const {
    const int lanes = strips_in(group);
    const std::size_t wide = lanes_, first = place(group, 0).across;
    int upper[kLanes], lower[kLanes];
    {
        const Place& last = place(group, length_ - 1);
        const float* f = value + (last.across - first) * wide;
        const int states = last.n[0] * last.n[1];
        for (int lane = 0; lane < lanes; ++lane) {
            int best = 0;
            for (int i = 1; i < states; ++i) {
                if (f[i * wide + lane] < f[best * wide + lane]) best = i;
            }
            upper[lane] = best / last.n[1];
            lower[lane] = best % last.n[1];
        }
    }
    const float* costs = costs_[0].at;
    for (int pos = length_ - 1;; --pos) {
        for (int lane = 0; lane < lanes; ++lane) {
            const std::size_t at = static_cast<std::size_t>(group * lanes_ + lane) * length_ + pos;
            next.slot[0][at] = static_cast<Label>(upper[lane]);
            next.slot[1][at] = static_cast<Label>(lower[lane]);
        }
        if (pos == 0) return;
        const Place& here = place(group, pos);
        const Place& before = place(group, pos - 1);
        const int m0 = before.n[0], m1 = before.n[1];
        const float* along0 = costs + along(before, here, 0);
        const float* along1 = costs + along(before, here, 1);
        const float* f = value + (before.across - first) * wide;
        const float* g = partial + before.partial * wide;
        for (int lane = 0; lane < lanes; ++lane) {
            const std::size_t b = upper[lane], d = lower[lane];
            const float* from = g + b * m1 * wide + lane;
            const float* to = along1 + d * wide + lane;
            float best = from[0] + to[0];
            int chosen = 0;
            for (int l = 1; l < m1; ++l) {
                const float sum = from[l * wide] + to[l * here.n[1] * wide];
                if (sum < best) best = sum, chosen = l;
            }
            lower[lane] = chosen;
            from = f + chosen * wide + lane;
            to = along0 + b * wide + lane;
            best = from[0] + to[0];
            chosen = 0;
            for (int a = 1; a < m0; ++a) {
                const float sum = from[a * m1 * wide] + to[a * here.n[0] * wide];
                if (sum < best) best = sum, chosen = a;
            }
            upper[lane] = chosen;
        }
    }
}

}  // namespace metafast::mrf

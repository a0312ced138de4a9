#include "mrf/dual/chain_family.hpp"

#include <algorithm>
#include <limits>

#include "mrf/strips/min_plus.hpp"

namespace metafast::mrf {

namespace {

// Messages into kBlock labels b..b+kBlock-1 of the chains of one vector, from the labels of the
// position before.
template <int bytes, int kBlock>
METAFAST_INLINE void messages(const Lanes* value, const Lanes* edge, int labels, int b, int part,
                              Lanes* next, PositionLanes* back) {
    // From the lanes as a whole, not from their member: a block is wider than one of them.
    const float* p = reinterpret_cast<const float*>(value) + part;
    const float* q = reinterpret_cast<const float*>(edge + b) + part;
    float* out = reinterpret_cast<float*>(next + b) + part;
    Position* arguments = reinterpret_cast<Position*>(back + b) + part;
    min_plus_block<FloatVectors<bytes>, 1, kBlock, true>(
        p, kLanes, 0, q, kLanes * static_cast<std::size_t>(labels), kLanes, labels, out, 0,
        arguments);
}

// One group of chains, as `pass` sees it; arrays as in the header, without the group axis.
struct Chains {
    const Lanes* edges;
    const Lanes* unary;
    Lanes* multiplier;
    Lanes* velocity;
    Lanes* value;  // (2, labels, 16) scratch
    PositionLanes* back;
    int length, labels;
    float sign, momentum;
};

// Viterbi on 16 chains: `last` receives the best last labels, `total` the values. The minimum is
// taken out at every position, which keeps the float32 numbers small however long the chain is.
template <int bytes>
METAFAST_INLINE void pass_kernel(const Chains& chains, std::int32_t* last, double* total) {
    using Float = typename Vector<bytes>::Float;
    using Int32 = typename Vector<bytes>::Int32;
    constexpr int wide = Vector<bytes>::floats;
    const int labels = chains.labels;
    Lanes* now = chains.value;
    Lanes* next = chains.value + labels;
    for (int lane = 0; lane < kLanes; ++lane) total[lane] = 0.0;
    for (int b = 0; b < labels; ++b) next[b] = Lanes{};
    for (int pos = 0; pos < chains.length; ++pos) {
        const std::size_t at = static_cast<std::size_t>(pos) * labels;
        for (int part = 0; part < kLanes; part += wide) {
            if (pos > 0) {
                const Lanes* edge = chains.edges + (at - labels) * labels;
                PositionLanes* from = chains.back + at;
                constexpr int block = bytes == 64 ? 5 : 3;
                int b = 0;
                for (; b + block <= labels; b += block) {
                    messages<bytes, block>(now, edge, labels, b, part, next, from);
                }
                for (; b + 2 <= labels; b += 2) {
                    messages<bytes, 2>(now, edge, labels, b, part, next, from);
                }
                for (; b < labels; ++b) {
                    messages<bytes, 1>(now, edge, labels, b, part, next, from);
                }
            }
            Float least = Float{} + std::numeric_limits<float>::max();
            for (int b = 0; b < labels; ++b) {
                float* multiplier = chains.multiplier[at + b].at + part;
                float* velocity = chains.velocity[at + b].at + part;
                const Float speed = load<Float>(velocity);
                const Float moved = load<Float>(multiplier) + speed;
                store(multiplier, moved);
                store(velocity, speed * chains.momentum);
                const Float sum = load<Float>(next[b].at + part) +
                                  (load<Float>(chains.unary[at + b].at + part) +
                                   chains.sign * moved);
                store(next[b].at + part, sum);
                const Int32 better = sum < least;
                least = better ? sum : least;
            }
            for (int b = 0; b < labels; ++b) {
                store(next[b].at + part, load<Float>(next[b].at + part) - least);
            }
            for (int lane = 0; lane < wide; ++lane) total[part + lane] += least[lane];
        }
        std::swap(now, next);
    }
    for (int lane = 0; lane < kLanes; ++lane) {
        last[lane] = 0;
        for (int b = 1; b < labels; ++b) {
            if (now[b].at[lane] < now[last[lane]].at[lane]) last[lane] = b;
        }
    }
}

METAFAST_DISPATCH(pass, pass_kernel, (const Chains& chains, std::int32_t* last, double* total),
                  (chains, last, total))

}  // namespace

ChainFamily::ChainFamily(const Lines& lines, double scale, ThreadPool& pool)
    : lines_(lines.count()),
      length_(lines.length()),
      labels_(lines.field.sets.most()),
      groups_((lines.count() + kLanes - 1) / kLanes),
      line_stride_(lines.columns ? 1 : lines.grid().cols),
      pos_stride_(lines.columns ? lines.grid().cols : 1),
      sign_(lines.columns ? -1.0f : 1.0f) {
    const std::size_t nodes = static_cast<std::size_t>(groups_) * length_;
    const std::size_t pairs = static_cast<std::size_t>(labels_) * labels_;
    edges_.resize((nodes - groups_) * pairs);
    unary_.resize(nodes * labels_);
    multiplier_.resize(unary_.size());
    velocity_.resize(unary_.size());
    message_.resize(static_cast<std::size_t>(pool.size()) * 2 * labels_);
    back_.resize(static_cast<std::size_t>(pool.size()) * length_ * labels_);

    pool.run(groups_, [&](int group, int) { pack(lines, scale, group); });
}

void ChainFamily::pack(const Lines& lines, double scale, int group) {
    const std::size_t pairs = static_cast<std::size_t>(labels_) * labels_;
    const std::size_t nodes = static_cast<std::size_t>(group) * length_;
    std::vector<double> scratch(lines.grid().pairs());
    for (int pos = 0; pos < length_; ++pos) {
        Lanes* node_costs = &unary_[(nodes + pos) * labels_];
        Lanes* edge_costs =
            edges_.data() + (static_cast<std::size_t>(group) * (length_ - 1) + pos) * pairs;
        for (int lane = 0; lane < lanes_used(group); ++lane) {
            const int line = group * kLanes + lane;
            const int count = lines.labels(line, pos);
            const double* unary = lines.unary(line, pos, scratch.data());
            const double least = least_entry(unary, count);
            for (int k = 0; k < labels_; ++k) {
                node_costs[k].at[lane] =
                    k < count ? 0.5f * working_cost(unary[k], least, scale) : kAbsent;
            }
            if (pos + 1 == length_) continue;
            const int ahead = lines.labels(line, pos + 1);
            const double* edge = lines.along(line, pos, scratch.data());
            const double shift = least_entry(edge, static_cast<std::size_t>(count) * ahead);
            for (int a = 0; a < count; ++a) {
                for (int b = 0; b < ahead; ++b) {
                    edge_costs[a * labels_ + b].at[lane] =
                        working_cost(edge[static_cast<std::size_t>(a) * ahead + b], shift, scale);
                }
            }
        }
    }
}

int ChainFamily::lanes_used(int group) const {
    return std::min(kLanes, lines_ - group * kLanes);
}

double ChainFamily::advance(int group, int worker, Step step, const Position* rows,
                            const Position* cols, Position* next) {
    const std::size_t begin = static_cast<std::size_t>(group) * length_ * labels_;
    const int lanes = lanes_used(group);
    if (step.size != 0.0f) {
        float* velocity = velocity_[begin].at;
        for (int pos = 0; pos < length_; ++pos) {
            float* here = velocity + static_cast<std::size_t>(pos) * labels_ * kLanes;
            for (int lane = 0; lane < lanes; ++lane) {
                const std::size_t at = node(group, lane, pos);
                if (rows[at] == cols[at]) continue;
                here[index(rows[at]) * kLanes + lane] += step.size;
                here[index(cols[at]) * kLanes + lane] -= step.size;
            }
        }
    }
    PositionLanes* back = &back_[static_cast<std::size_t>(worker) * length_ * labels_];
    std::int32_t now[kLanes];
    double total[kLanes];
    const std::size_t edges = static_cast<std::size_t>(group) * (length_ - 1) * labels_ * labels_;
    pass({edges_.data() + edges, &unary_[begin], &multiplier_[begin], &velocity_[begin],
          &message_[static_cast<std::size_t>(worker) * 2 * labels_], back, length_, labels_, sign_,
          step.momentum},
         now, total);

    const Position* links = back->at;
    for (int pos = length_ - 1; pos >= 0; --pos) {
        const Position* here = links + static_cast<std::size_t>(pos) * labels_ * kLanes;
        for (int lane = 0; lane < lanes; ++lane) {
            next[node(group, lane, pos)] = Position(now[lane]);
            if (pos > 0) now[lane] = static_cast<int>(here[now[lane] * kLanes + lane]);
        }
    }
    double sum = 0.0;
    for (int lane = 0; lane < lanes; ++lane) sum += total[lane];
    return sum;
}

void ChainFamily::save(int group, float* multipliers) const {
    for (int pos = 0; pos < length_; ++pos) {
        const std::size_t place = static_cast<std::size_t>(group) * length_ + pos;
        const Lanes* from = &multiplier_[place * labels_];
        for (int lane = 0; lane < lanes_used(group); ++lane) {
            float* to = multipliers + node(group, lane, pos) * labels_;
            for (int k = 0; k < labels_; ++k) to[k] = from[k].at[lane];
        }
    }
}

void ChainFamily::restore(int group, const float* multipliers) {
    for (int pos = 0; pos < length_; ++pos) {
        const std::size_t at = (static_cast<std::size_t>(group) * length_ + pos) * labels_;
        for (int lane = 0; lane < lanes_used(group); ++lane) {
            const float* from = multipliers + node(group, lane, pos) * labels_;
            for (int k = 0; k < labels_; ++k) multiplier_[at + k].at[lane] = from[k];
        }
        for (int k = 0; k < labels_; ++k) velocity_[at + k] = Lanes{};
    }
}

}  // namespace metafast::mrf

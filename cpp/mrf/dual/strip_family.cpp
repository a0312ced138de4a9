#include "mrf/dual/strip_family.hpp"

#include <algorithm>

#include "mrf/dual/strip_step.hpp"

namespace metafast::mrf {

namespace {

std::size_t lanes_for(std::size_t floats) { return (floats + kLanes - 1) / kLanes; }

}  // namespace

StripFamily::StripFamily(const StripLayout& layout, const StripSplit& split, ThreadPool& pool)
    : layout_(layout),
      width_(layout.width),
      length_(layout.lines.length()),
      lanes_(strips_of_a_vector()),
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
                    const float sum =
                        state[a * stride[slot] * wide] + edge[a * here.n[slot] * wide];
                    if (sum < best) best = sum, arg = a;
                }
                chosen[slot][lane] = arg;
            }
        }
    }
}

}  // namespace metafast::mrf

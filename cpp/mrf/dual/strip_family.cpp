#include "mrf/dual/strip_family.hpp"

#include <algorithm>

#include "mrf/dual/strip_step.hpp"

namespace metafast::mrf {

namespace {

// States once slots 0..slot have come here and the others have not yet.
std::size_t states_between(const StripArrays::Place& here, const StripArrays::Place& before,
                           int slot, int width) {
    std::size_t states = 1;
    for (int q = 0; q < width; ++q) states *= q <= slot ? here.n[q] : before.n[q];
    return states;
}

}  // namespace

StripFamily::StripFamily(const StripLayout& layout, const StripSplit& split, ThreadPool& pool)
    : arrays_(layout, split, pool),
      width_(layout.width),
      length_(layout.lines.length()),
      lanes_(arrays_.lanes()),
      scratch_size_(lanes_for((arrays_.value_size() + arrays_.partial_size() +
                               2 * arrays_.sum_size()) *
                              lanes_)),
      scratch_(pool.size() * scratch_size_) {}

// Every copy is made dearer where its own strip's label is, cheaper where the other strip's is.
void StripFamily::add_impulses(int group, float size, const StripPositions& labels) {
    const StripLayout& layout = arrays_.layout();
    float* velocity = arrays_.velocities();
    for (int lane = 0; lane < arrays_.strips_in(group); ++lane) {
        const int strip = group * lanes_ + lane;
        for (const int slot : {0, width_ - 1}) {
            if (!layout.shared(layout.line(strip, slot))) continue;
            const int other = strip + (slot == 0 ? -1 : 1);
            const Position* own = &labels[slot][static_cast<std::size_t>(strip) * length_];
            const Position* theirs =
                &labels[width_ - 1 - slot][static_cast<std::size_t>(other) * length_];
            bool differed = false;
            for (int pos = 0; pos < length_; ++pos) {
                const Place& here = arrays_.place(group, pos);
                const bool differs = own[pos] != theirs[pos];
                if (differs) {
                    float* cost = velocity + arrays_.node(here, slot) + lane;
                    cost[index(own[pos]) * lanes_] += size;
                    cost[index(theirs[pos]) * lanes_] -= size;
                }
                if (pos > 0 && (differs || differed)) {
                    const Place& before = arrays_.place(group, pos - 1);
                    const std::size_t stride = here.n[slot];
                    float* edge = velocity + arrays_.along(before, here, slot) + lane;
                    edge[(index(own[pos - 1]) * stride + index(own[pos])) * lanes_] += size;
                    edge[(index(theirs[pos - 1]) * stride + index(theirs[pos])) * lanes_] -= size;
                }
                differed = differs;
            }
        }
    }
}

void StripFamily::advance(int group, int worker, Step step, const StripPositions& labels,
                          StripPositions& next, double* values) {
    if (step.size != 0.0f) add_impulses(group, step.size, labels);
    float* value = scratch_[worker * scratch_size_].at;
    float* partial = value + arrays_.value_size() * lanes_;
    float* sums = partial + arrays_.partial_size() * lanes_;
    double total[kLanes] = {};
    float lowest[kLanes] = {};
    for (int pos = 0; pos < length_; ++pos) {
        arrays_.move(group, pos, step.momentum);
        const Place& here = arrays_.place(group, pos);
        StripStep s{};
        s.width = width_;
        s.first = pos == 0;
        s.value = value + here.value * lanes_;
        s.sum[0] = sums;
        s.sum[1] = sums + arrays_.sum_size() * lanes_;
        s.total = total;
        s.lowest = lowest;
        for (int slot = 0; slot < width_; ++slot) {
            s.n[slot] = here.n[slot];
            s.node[slot] = arrays_.costs(slot) + arrays_.node(here, slot);
            if (slot + 1 < width_) {
                s.across[slot] = arrays_.across_costs() + arrays_.across(here, slot);
            }
        }
        if (pos > 0) {
            const Place& before = arrays_.place(group, pos - 1);
            s.before = value + before.value * lanes_;
            std::size_t at = here.partial;
            for (int slot = 0; slot < width_; ++slot) {
                s.m[slot] = before.n[slot];
                s.along[slot] = arrays_.costs(slot) + arrays_.along(before, here, slot);
                if (slot + 1 == width_) break;
                s.partial[slot] = partial + at * lanes_;
                at += states_between(here, before, slot, width_);
            }
        }
        advance_strips(s);
    }
    std::copy_n(total, arrays_.strips_in(group), values + group * lanes_);
    trace_back(group, value, partial, next);
}

void StripFamily::trace_back(int group, const float* value, const float* partial,
                             StripPositions& next) const {
    const int lanes = arrays_.strips_in(group);
    const std::size_t wide = lanes_;
    int chosen[kMostLines][kLanes];
    {
        const Place& last = arrays_.place(group, length_ - 1);
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
            Position* to = &next[slot][static_cast<std::size_t>(group) * lanes_ * length_ + pos];
            for (int lane = 0; lane < lanes; ++lane) {
                to[static_cast<std::size_t>(lane) * length_] =
                    Position(chosen[slot][lane]);
            }
        }
        if (pos == 0) return;
        const Place& here = arrays_.place(group, pos);
        const Place& before = arrays_.place(group, pos - 1);
        // States from which slot q came here, its own label the one at the position before.
        const float* from[kMostLines];
        from[0] = value + before.value * wide;
        std::size_t at = here.partial;
        for (int slot = 0; slot + 1 < width_; ++slot) {
            from[slot + 1] = partial + at * wide;
            at += states_between(here, before, slot, width_);
        }
        for (int slot = width_ - 1; slot >= 0; --slot) {
            std::size_t stride[kMostLines], size = 1;
            for (int q = 0; q < width_; ++q) {
                stride[q] = size;
                size *= q < slot ? here.n[q] : before.n[q];
            }
            const float* edges = arrays_.costs(slot) + arrays_.along(before, here, slot);
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

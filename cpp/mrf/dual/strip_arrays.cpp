#include "mrf/dual/strip_arrays.hpp"

#include <algorithm>

#include "mrf/dual/strip_step.hpp"

namespace metafast::mrf {

StripArrays::StripArrays(const StripLayout& layout, const StripSplit& split, ThreadPool& pool)
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
    pool.run(groups_, [&](int group, int) { pack(split, group); });
}

int StripArrays::strips_in(int group) const {
    return std::min(lanes_, layout_.strips() - group * lanes_);
}

void StripArrays::lay_out() {
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

std::size_t StripArrays::inner_node(const Place& here, int slot) const {
    std::size_t at = here.fixed;
    for (int q = 0; q + 1 < width_; ++q) at += static_cast<std::size_t>(here.n[q]) * here.n[q + 1];
    for (int q = 1; q < slot; ++q) at += here.n[q];
    return at * lanes_;
}

// Behind the nodes.
std::size_t StripArrays::inner_along(const Place& here, const Place& next, int slot) const {
    std::size_t at = inner_node(here, width_ - 1) / lanes_;
    for (int q = 1; q < slot; ++q) at += static_cast<std::size_t>(here.n[q]) * next.n[q];
    return at * lanes_;
}

std::size_t StripArrays::across(const Place& here, int slot) const {
    std::size_t at = here.fixed;
    for (int q = 0; q < slot; ++q) at += static_cast<std::size_t>(here.n[q]) * here.n[q + 1];
    return at * lanes_;
}

void StripArrays::move(int group, int pos, float momentum) {
    const Place& here = place(group, pos);
    // Nodes and the edges to the next position lie side by side.
    std::size_t vectors = here.n[0] + here.n[width_ - 1];
    if (pos + 1 < length_) {
        const Place& next = place(group, pos + 1);
        for (const int slot : {0, width_ - 1}) {
            vectors += static_cast<std::size_t>(here.n[slot]) * next.n[slot];
        }
    }
    const std::size_t begin = here.moving * lanes_;
    move_costs(moving_[0].at + begin, velocity_[0].at + begin, vectors, momentum);
}

void StripArrays::pack(const StripSplit& split, int group) {
    for (int lane = 0; lane < strips_in(group); ++lane) {
        for (int slot = 0; slot < width_; ++slot) {
            pack_line(split, group, lane, slot);
            if (slot + 1 < width_) pack_across(split.scale, group, lane, slot);
        }
    }
}

void StripArrays::pack_line(const StripSplit& split, int group, int lane, int slot) {
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
    std::vector<double> scratch(lines.grid().pairs());
    for (int pos = 0; pos < length_; ++pos) {
        const Place& here = place(group, pos);
        const int count = lines.labels(line, pos);
        const double* unary = lines.unary(line, pos, scratch.data());
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
        const double* edge = lines.along(line, pos, scratch.data());
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

void StripArrays::pack_across(double scale, int group, int lane, int slot) {
    const Lines& lines = layout_.lines;
    const int line = layout_.line(group * lanes_ + lane, slot);
    if (!layout_.holds(line + 1)) return;
    std::vector<double> scratch(lines.grid().pairs());
    for (int pos = 0; pos < length_; ++pos) {
        const Place& here = place(group, pos);
        const int upper = lines.labels(line, pos), lower = lines.labels(line + 1, pos);
        const double* edge = lines.across(line, pos, scratch.data());
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
void StripArrays::save(StripSplit& split) const {
    for (const int slot : {0, width_ - 1}) {
        pool_.run(groups_, [&](int group, int) { add_copies(split, group, slot); });
    }
}

void StripArrays::add_copies(StripSplit& split, int group, int slot) const {
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

}  // namespace metafast::mrf

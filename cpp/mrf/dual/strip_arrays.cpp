// How `StripFamily` fills its arrays from the tables, and gives its multipliers back.
#include <algorithm>

#include "mrf/dual/strip_family.hpp"

namespace metafast::mrf {

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

}  // namespace metafast::mrf

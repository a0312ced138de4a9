#include "mrf/dual/strip_ascent.hpp"

#include <algorithm>
#include <utility>

namespace metafast::mrf {

namespace {

// Velocity kept from one step to the next.
constexpr double kMomentum = 0.96;

// Nanoseconds of one node of a strip, of an entry of its tables, of an addition and comparison.
constexpr double kPosition = 20.0, kEntry = 0.3, kAddition = 0.05;

// Strips that wait for each other, as lanes of one vector, and workers with room for their states;
// here the same for every machine, so that schedules are.
constexpr int kSideBySide = 8;
constexpr double kWorkers = 16.0;

}  // namespace

StripAscent::StripAscent(const StripLayout& layout, const CostRange& range, ThreadPool& pool,
                         const StripSplit& split, const Level& level)
    : Ascent(range, kMomentum, work(layout), level),
      layout_(layout),
      pool_(pool),
      saved_(split.retained(layout.lines, layout.lines, scale_)),
      family_(layout, saved_, pool),
      labels_(layout.width, std::vector<Position>(static_cast<std::size_t>(layout.strips()) *
                                               layout.lines.length())),
      next_(labels_),
      values_(layout.strips()) {
    start();
}

Ascent::Outcome StripAscent::pass(Step step) {
    pool_.run(family_.groups(), [&](int group, int worker) {
        family_.advance(group, worker, step, labels_, next_, values_.data());
    });
    std::swap(labels_, next_);
    double value = 0.0;
    for (const double part : values_) value += part;
    return {value, norm()};
}

// Two for every node and every edge on which the strips of a line differ.
double StripAscent::norm() const {
    const int length = layout_.lines.length(), last = layout_.width - 1;
    std::size_t differences = 0;
    for (int strip = 1; strip < layout_.strips(); ++strip) {
        const Position* above = &labels_[last][static_cast<std::size_t>(strip - 1) * length];
        const Position* below = &labels_[0][static_cast<std::size_t>(strip) * length];
        bool before = false;
        for (int pos = 0; pos < length; ++pos) {
            const bool here = above[pos] != below[pos];
            differences += here;
            differences += pos > 0 && (here || before);
            before = here;
        }
    }
    return 2.0 * static_cast<double>(differences);
}

Labelling StripAscent::labelling(bool second) const {
    const Lines& lines = layout_.lines;
    const int length = lines.length(), last = layout_.width - 1;
    Labelling result(lines.grid().nodes());
    for (int line = 0; line < lines.count(); ++line) {
        int strip = line / last, slot = line % last;
        const bool before = slot == 0 && strip > 0 && (!second || strip == layout_.strips());
        if (before) --strip, slot = last;
        const Position* labels = &labels_[slot][static_cast<std::size_t>(strip) * length];
        for (int pos = 0; pos < length; ++pos) {
            const std::size_t node = lines.node(line, pos);
            result[node] = lines.field.sets.label(node, labels[pos]);
        }
    }
    return result;
}

Ascent::Successor StripAscent::restricted(const Field& fewer, const CostRange& range) const {
    const StripLayout layout{Lines{fewer, layout_.lines.columns}, layout_.width};
    StripSplit split = saved_.retained(layout_.lines, layout.lines, range.scale());
    return [split = std::move(split), layout, range, &pool = pool_, level = level()] {
        return std::make_unique<StripAscent>(layout, range, pool, split, level);
    };
}

Ascent::Successor StripAscent::as_strips(int width) const {
    const StripLayout layout{layout_.lines, width};
    return [split = saved_, layout, range = range_, &pool = pool_] {
        return std::make_unique<StripAscent>(layout, range, pool, split);
    };
}

Certificate StripAscent::certify(const CertifyOptions& options) const {
    return certify_strips(layout_, saved_, pool_, options);
}

namespace {

// Calls visit(before, here) for all positions but the first of all groups of so many strips: the
// most labels that a strip of the group has in each slot.
template <class Visit>
void for_each_place(const StripLayout& layout, int group, Visit visit) {
    std::vector<double> before(layout.width), here(layout.width);
    for (int first = 0; first < layout.strips(); first += group) {
        const int last = std::min(first + group, layout.strips());
        for (int pos = 0; pos < layout.lines.length(); ++pos) {
            before.swap(here);
            for (int slot = 0; slot < layout.width; ++slot) {
                here[slot] = 1.0;
                for (int strip = first; strip < last; ++strip) {
                    const double labels = layout.labels(layout.line(strip, slot), pos);
                    here[slot] = std::max(here[slot], labels);
                }
            }
            if (pos > 0) visit(first, before, here);
        }
    }
}

}  // namespace

double StripAscent::work(const StripLayout& layout) {
    double work = 0.0;
    for_each_place(layout, kSideBySide, [&](int, const auto& before, const auto& here) {
        double states = 1.0, entries = 0.0, additions = 0.0;
        for (const double labels : before) states *= labels;
        for (int slot = 0; slot < layout.width; ++slot) {
            additions += states * here[slot];
            entries += before[slot] * here[slot];
            states *= here[slot] / before[slot];
        }
        work += kSideBySide *
                (kPosition * layout.width + kEntry * (entries + states) + kAddition * additions);
    });
    return work;
}

double StripAscent::memory(const StripLayout& layout) {
    double entries = 0.0, most = 0.0, states = 0.0;
    int group = -1;
    for_each_place(layout, kLanes, [&](int first, const auto& before, const auto& here) {
        if (first != group) states = 0.0;
        group = first;
        double all = layout.width;
        for (int slot = 0; slot < layout.width; ++slot) {
            // Costs, velocities and the multipliers saved; the edge across.
            const bool moves = slot == 0 || slot + 1 == layout.width;
            entries += kLanes * (moves ? 3.0 : 1.0) * before[slot] * here[slot];
            if (slot > 0) entries += kLanes * here[slot] * here[slot - 1];
            all *= std::max(here[slot], before[slot]);
        }
        states += all;
        most = std::max(most, states);
    });
    return sizeof(float) * (entries + kLanes * most * kWorkers);
}

}  // namespace metafast::mrf

#include "mrf/strip_ascent.hpp"

#include <algorithm>

namespace metafast::mrf {

namespace {

// Velocity kept from one step to the next.
constexpr double kMomentum = 0.96;

// Nanoseconds of one position of a strip, of an entry of its tables, of an addition and comparison.
constexpr double kPosition = 40.0, kEntry = 0.3, kAddition = 0.05;

}  // namespace

StripAscent::StripAscent(const Lines& lines, const Range& range, ThreadPool& pool,
                         const StripSplit& split, const Level& level)
    : Ascent(range, kMomentum, level),
      lines_(lines),
      pool_(pool),
      saved_(split.retained(lines, lines, scale_)),
      family_(lines, saved_, pool),
      values_(family_.strips()) {
    for (StripLabels* labels : {&labels_, &next_}) {
        for (auto& slot : labels->slot) {
            slot.resize(static_cast<std::size_t>(family_.strips()) * lines.length());
        }
    }
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
    const int length = lines_.length();
    std::size_t differences = 0;
    for (int strip = 1; strip < family_.strips(); ++strip) {
        const Label* above = &labels_.slot[1][static_cast<std::size_t>(strip - 1) * length];
        const Label* below = &labels_.slot[0][static_cast<std::size_t>(strip) * length];
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

Labelling StripAscent::labelling(bool lower) const {
    const int count = lines_.count(), length = lines_.length();
    Labelling result(lines_.grid().nodes());
    for (int line = 0; line < count; ++line) {
        const int slot = line == 0 ? 0 : line + 1 == count ? 1 : lower ? 1 : 0;
        const std::size_t begin = static_cast<std::size_t>(line - slot) * length;
        for (int pos = 0; pos < length; ++pos) {
            const std::size_t node = lines_.node(line, pos);
            result[node] = lines_.field.sets.at(node)[labels_.slot[slot][begin + pos]];
        }
    }
    return result;
}

Certificate StripAscent::certify(const Demand& demand) const {
    return certify_strips(lines_, saved_, pool_, demand);
}

double StripAscent::work(const Lines& lines) {
    double work = 0.0;
    for (int strip = 0; strip + 1 < lines.count(); ++strip) {
        for (int pos = 1; pos < lines.length(); ++pos) {
            const double m0 = lines.labels(strip, pos - 1), m1 = lines.labels(strip + 1, pos - 1);
            const double n0 = lines.labels(strip, pos), n1 = lines.labels(strip + 1, pos);
            work += kPosition + kEntry * (m0 * n0 + m1 * n1 + n0 * n1) +
                    kAddition * (m0 * n0 * m1 + n0 * m1 * n1);
        }
    }
    return work;
}

double StripAscent::memory(const Lines& lines) {
    double entries = 0.0;
    for (int line = 0; line < lines.count(); ++line) {
        for (int pos = 1; pos < lines.length(); ++pos) {
            // Costs and velocities of two copies, the multipliers saved, one edge across.
            entries += 6.0 * lines.labels(line, pos - 1) * lines.labels(line, pos);
        }
    }
    return sizeof(float) * entries;
}

}  // namespace metafast::mrf

// Overlapping strips of two lines, with multipliers on the labels and on the edges of every line
// that two strips hold. Its bound is that of all 2x2 blocks of the grid with consistent edges: where
// costs are frustrated around such a block, it closes the gap that no chains can.
#pragma once

#include "mrf/ascent.hpp"
#include "mrf/strip_lanes.hpp"
#include "threads/thread_pool.hpp"

namespace metafast::mrf {

class StripAscent final : public Ascent {
public:
    // `range` is that of the field; the split may be in units of another scale.
    StripAscent(const Lines& lines, const Range& range, ThreadPool& pool, const StripSplit& split,
                const Level& level = {});

    // Labels of the upper or lower line of every strip.
    Labelling labelling(bool lower) const override;
    Certificate certify(const Demand& demand) const override;
    double work() const override { return work(lines_); }

    const StripSplit& split() const { return saved_; }

    static double work(const Lines& lines);    // nanoseconds of one pass
    static double memory(const Lines& lines);  // bytes

private:
    Outcome pass(Step step) override;
    void save() override { family_.save(lines_, saved_); }
    double norm() const;

    Lines lines_;
    ThreadPool& pool_;
    StripSplit saved_;
    StripFamily family_;
    StripLabels labels_, next_;
    std::vector<double> values_;  // per strip
};

}  // namespace metafast::mrf

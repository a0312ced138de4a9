// Dual ascent over overlapping strips, with multipliers on the labels and on the edges of every
// line that two strips hold. With two lines, the bound is that of all 2x2 blocks of the grid with
// consistent edges: where costs are frustrated around such a block, it closes the gap that no
// chains can. Wider strips cost more and close more.
#pragma once

#include "mrf/dual/ascent.hpp"
#include "mrf/dual/strip_family.hpp"
#include "threads/thread_pool.hpp"

namespace metafast::mrf {

class StripAscent final : public Ascent {
public:
    // `range` is that of the field; the split may be in units of another scale.
    StripAscent(const StripLayout& layout, const CostRange& range, ThreadPool& pool,
                const StripSplit& split, const Level& level = {});

    // Of shared lines the labels in the first or in the second strip.
    Labelling labelling(bool second) const override;
    Certificate certify(const CertifyOptions& options) const override;
    int width() const override { return layout_.width; }
    Successor restricted(const Field& fewer, const CostRange& range) const override;
    Successor as_strips(int width) const override;

    static double work(const StripLayout& layout);    // nanoseconds of one pass
    static double memory(const StripLayout& layout);  // bytes at most

private:
    Outcome pass(Step step) override;
    void save() override { family_.save(saved_); }
    double norm() const;

    StripLayout layout_;
    ThreadPool& pool_;
    StripSplit saved_;
    StripFamily family_;
    StripPositions labels_, next_;
    std::vector<double> values_;  // per strip
};

}  // namespace metafast::mrf

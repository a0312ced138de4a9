#include "mrf/search/labeller.hpp"

#include <utility>

#include "mrf/dual/chain_ascent.hpp"
#include "mrf/model/cost_range.hpp"
#include "mrf/primal/greedy.hpp"

namespace metafast::mrf {

namespace {

// Strips may use this share of the time of the passes, and so many nanoseconds at once.
constexpr double kStripShare = 0.5;
constexpr double kStripCredit = 1e7;
// Strips of two and of three lines are searched if one sweep takes no longer than this many passes
// over chains and a worker needs no more bytes than this.
constexpr double kStripPasses = 2500.0;
constexpr double kStripMemory = 256e6;

}  // namespace

Labeller::Labeller(const Grid& grid, std::shared_ptr<const LabelSets> sets, ThreadPool& pool,
                   Incumbent& incumbent, Budget& budget)
    : grid_(grid),
      pool_(pool),
      incumbent_(incumbent),
      budget_(budget),
      penalty_(penalty(Field{grid, *sets})) {
    open(std::move(sets));
}

void Labeller::open(std::shared_ptr<const LabelSets> sets) {
    sweepers_.clear();  // they look at the sets there were
    sets_ = std::move(sets);
    const double pass = ChainAscent::work(field());
    for (const int width : {2, 3, 1}) {
        const double sweep = StripSearch::sweep_work(field(), width);
        const bool last_resort = width == 1;
        if (last_resort ? !sweepers_.empty()
                        : sweep > kStripPasses * pass ||
                              StripSearch::memory(field(), width) > kStripMemory) {
            continue;
        }
        sweepers_.push_back({std::make_unique<StripSearch>(field(), width, pool_), width, sweep});
    }
}

void Labeller::start(const Labelling& initial) {
    incumbent_.offer(greedy(field()));
    if (initial.empty()) return;
    incumbent_.offer(initial);
    Labelling x = initial;
    for (std::size_t node = 0; node < x.size(); ++node) {
        if (!sets_->find(node, x[node])) x[node] = sets_->label(node, Position(0));
    }
    improve_now(std::move(x));
}

void Labeller::improve(const Ascent& ascent, double dual_work) {
    Labelling x;
    for (const Sweeper& sweeper : sweepers_) {
        const double work = spent_[sweeper.width] + sweeper.sweep;
        if (work > kStripShare * dual_work + kStripCredit) continue;
        if (x.empty()) x = ascent.labelling(second_);
        improve_by(sweeper, x);
    }
    second_ = !second_;
}

void Labeller::improve_now(Labelling labelling) { improve_by(sweepers_[0], labelling); }

void Labeller::improve_by(const Sweeper& sweeper, Labelling& labelling) {
    const double before = sweeper.search->work();
    sweeper.search->improve(labelling, [this] { return budget_.poll_stop(); });
    spent_[sweeper.width] += sweeper.search->work() - before;
    incumbent_.offer(labelling);
    improved_ = true;
}

}  // namespace metafast::mrf

// Search for good labellings: exact re-optimisation of strips, in a fixed share of the time.
#pragma once

#include <memory>
#include <vector>

#include "mrf/dual/ascent.hpp"
#include "mrf/primal/strip_search.hpp"
#include "mrf/search/budget.hpp"
#include "mrf/search/incumbent.hpp"
#include "threads/thread_pool.hpp"

namespace metafast::mrf {

class Labeller {
public:
    Labeller(const Grid& grid, std::shared_ptr<const LabelSets> sets, ThreadPool& pool,
             Incumbent& incumbent, Budget& budget);

    // Offers a labelling made in one sweep; and `initial`, if not empty, as it is and improved.
    void start(const Labelling& initial);

    // Improves the labellings of the ascent's copies in turn, by strips of each width once a sweep
    // of them is within its share of the time; `dual_work` is what the passes have had.
    void improve(const Ascent& ascent, double dual_work);

    // Improves a labelling of open labels, however long that takes.
    void improve_now(Labelling labelling);

    bool has_improved() const { return improved_; }  // any labelling yet

    // Continues over other sets of labels.
    void open(std::shared_ptr<const LabelSets> sets);

private:
    struct Sweeper {
        std::unique_ptr<StripSearch> search;
        int width;
        double sweep;  // nanoseconds of one
    };

    // Without infinities.
    Field field() const { return {grid_, *sets_, kNoCutoff, penalty_}; }
    void improve_by(const Sweeper& sweeper, Labelling& labelling);

    const Grid& grid_;
    ThreadPool& pool_;
    Incumbent& incumbent_;
    Budget& budget_;
    std::shared_ptr<const LabelSets> sets_;
    double penalty_;
    std::vector<Sweeper> sweepers_;
    double spent_[4] = {};  // nanoseconds of sweepers of every width
    bool second_ = true;    // whose labelling is improved next
    bool improved_ = false;
};

}  // namespace metafast::mrf

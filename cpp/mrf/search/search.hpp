// The search on grids too large for dynamic programming: bounds by dual decomposition, labellings
// by strip re-optimisation, labels dropped as soon as they are proved not to matter.
//
// This is the schedule; the parts are the relaxation (bounds), the labeller (labellings), the
// incumbent (the best of both) and the budget (when to stop).
#pragma once

#include "mrf/search/budget.hpp"
#include "mrf/search/incumbent.hpp"
#include "mrf/search/labeller.hpp"
#include "mrf/search/relaxation.hpp"
#include "mrf/search/solver.hpp"
#include "threads/thread_pool.hpp"

namespace metafast::mrf {

class Search {
public:
    Search(const Grid& grid, const Options& options, Result& result, Incumbent& incumbent);

    // Stages: messages along rows and columns, overlapping strips.
    void run();

private:
    void run_messages();
    void leave_messages();
    void iterate_until(std::int64_t passes);
    void finish_outright();
    void record();
    void write_record();
    bool recorded() const;
    bool finished() { return incumbent_.proved() || budget_.out(); }

    const Options& options_;
    Result& result_;
    Incumbent& incumbent_;
    ThreadPool pool_;
    Budget budget_;
    Relaxation relaxation_;
    Labeller labeller_;
    std::int64_t next_record_;  // in passes
};

}  // namespace metafast::mrf

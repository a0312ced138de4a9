// The search on grids too large for dynamic programming: bounds by dual decomposition, labellings
// by strip re-optimisation, labels dropped as soon as they are proved not to matter.
#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "mrf/dual/chain_ascent.hpp"
#include "mrf/search/incumbent.hpp"
#include "mrf/model/cost_range.hpp"
#include "mrf/search/solver.hpp"
#include "mrf/dual/strip_ascent.hpp"
#include "mrf/primal/greedy.hpp"
#include "mrf/primal/strip_search.hpp"
#include "threads/thread_pool.hpp"

namespace metafast::mrf {

class Search {
public:
    Search(const Grid& grid, const Options& options, Result& result, Incumbent& incumbent);

    // Stages: labellings without multipliers, rows against columns, overlapping strips.
    void run();

private:
    // Passes, until the bound meets the energy, the limits or `most` passes in all.
    void climb_chains();
    void rise(std::int64_t most);
    std::int64_t chain_passes() const;
    bool stop();
    bool done() const;
    bool spent();
    bool over();

    // Labellings.
    struct Sweeper {
        std::unique_ptr<StripSearch> search;
        int width;
        double sweep;  // nanoseconds of one
    };
    void choose_sweepers();
    void improve();
    void improve_by(const Sweeper& sweeper, Labelling& labelling);

    // What the passes go over.
    Lines strip_lines(const Field& field) const;
    StripLayout strips(int width) const { return {strip_lines(useful_), width}; }
    bool strips_fit(const StripLayout& layout) const;
    int next_width(int width) const;
    void start_chains(const std::vector<double>& multipliers, const Level& level);
    void start_strips(const StripSplit& split, int width, const Level& level);
    void begin(std::unique_ptr<Ascent> ascent);
    void widen();

    // Bounds. `record` writes one to the history, and drops labels that it proves useless.
    bool promising() const;
    bool recorded_now() const;
    void record();
    void drop(const Certificate& certificate);
    bool solve_rest(const Field& field, double floor);
    void open_only(const LabelSets& fewer);
    bool restrict();

    const Grid& grid_;
    const Options& options_;
    Result& result_;
    Incumbent& incumbent_;
    ThreadPool pool_;
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
    LabelSets sets_;
    Field finite_;  // for labellings: no infinities
    Field useful_;  // for bounds: no costs too large to be paid
    CostRange range_;   // of useful_
    double floor_;  // no labelling with a label dropped costs less
    std::unique_ptr<Ascent> ascent_;
    ChainAscent* chains_ = nullptr;  // ascent_, if it is one
    StripAscent* strips_ = nullptr;
    std::vector<Sweeper> sweepers_;
    double spent_[4] = {};           // nanoseconds of sweepers of every width
    double dual_work_ = 0.0;         // nanoseconds of all passes
    double worked_ = 0.0;            // nanoseconds of one pass of the last ascent
    double certificate_time_ = 0.0;  // seconds
    double certified_;               // the ascent's value at the last record
    std::int64_t recorded_ = -1;     // the iteration of the last record
    bool turn_ = true;
    bool improved_ = false;
    bool stopped_ = false;
    bool closed_ = false;  // nothing is left to search
};

}  // namespace metafast::mrf

// The lower bound of a search: the labels still open, the field over them, and the ascent.
//
// A certificate of the ascent's multipliers bounds the energy, and proves labels useless: those
// with which the bound reaches the best energy known. They are dropped when that makes passes
// cheaper; when few are left, the rest is solved outright. Every new ascent continues from the
// multipliers of the one it replaces.
//
//   chains  ->  strips of two lines  ->  wider strips
//      fewer labels at any time
#pragma once

#include <memory>

#include "mrf/dual/ascent.hpp"
#include "mrf/search/budget.hpp"
#include "mrf/search/incumbent.hpp"
#include "mrf/strips/layout.hpp"
#include "threads/thread_pool.hpp"

namespace metafast::mrf {

class Relaxation {
public:
    Relaxation(const Grid& grid, ThreadPool& pool, Incumbent& incumbent, Budget& budget);

    const std::shared_ptr<const LabelSets>& sets() const { return sets_; }
    const Ascent& ascent() const { return *ascent_; }
    bool agreed() const { return ascent_->agreed(); }

    // Nanoseconds of all passes so far.
    double work() const { return work_; }

    void iterate();  // one pass

    // Leaves out costs that no labelling as good as the best can pay, if they are so large that the
    // passes over chains suffer. Returns whether the field has changed.
    bool cut_costs();

    void start_messages();  // without multipliers; chains where these would take too much memory
    void start_subgradients();  // over chains, from the multipliers there are
    bool strips_fit() const { return strips_fit(2); }
    void start_strips();  // from the chains' multipliers
    void widen_strips();  // where that is worth while

    // Whether a certificate would reach the gap wanted.
    bool promising() const;

    // Certifies the multipliers saved and offers the bound.
    Certificate certify(const CertifyOptions& options);

    // The labels to continue with, given what a certificate proves; null if all of them. Closes the
    // search if there are none, or so few that the best labelling of them is found outright.
    std::shared_ptr<const LabelSets> prune(const Certificate& certificate);

    // Finds the best labelling of those open by dynamic programming, if that takes no longer than
    // a share of the passes so far, and closes the search. Returns whether it did.
    bool solve_outright(double share);

    // Continues over fewer labels.
    void open(std::shared_ptr<const LabelSets> fewer);

private:
    Field field(const LabelSets& sets) const { return {grid_, sets, cutoff_}; }
    StripLayout strips(int width) const { return long_strips(field(*sets_), width); }
    bool strips_fit(int width) const;
    int next_width(int width) const;
    bool solve_rest(const Field& rest, double floor);
    void install(const Ascent::Successor& make);

    const Grid& grid_;
    ThreadPool& pool_;
    Incumbent& incumbent_;
    Budget& budget_;
    std::shared_ptr<const LabelSets> sets_;
    double cutoff_ = kNoCutoff;
    CostRange range_;   // of the field
    double floor_;      // no labelling with a label dropped costs less
    double certified_;  // the ascent's value at the last certificate
    double work_ = 0.0;
    std::unique_ptr<Ascent> ascent_;
};

}  // namespace metafast::mrf

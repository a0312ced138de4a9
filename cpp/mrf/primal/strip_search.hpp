// Primal search: exact re-optimisation of a few adjacent lines while the rest stays.
//
// Strips of rows, then of columns, are swept until none improves. Strips `width`+1 lines apart do
// not touch each other, so they run in parallel, in a fixed colouring: the result does not depend
// on the number of threads. A strip is visited again only after a label in it or beside it has
// changed.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "mrf/strips/frontier.hpp"
#include "threads/stop_flag.hpp"
#include "threads/thread_pool.hpp"

namespace metafast::mrf {

class StripSearch {
public:
    // `field` must be finite: forbidden entries replaced by a large penalty.
    StripSearch(const Field& field, int width, ThreadPool& pool);

    // Improves the labelling until no strip can, or until `should_stop`, which is polled from
    // the calling thread, also inside a strip. Never makes the labelling worse. Its labels must be
    // open, and others are not tried.
    void improve(Labelling& labelling, const std::function<bool()>& should_stop);

    // Nanoseconds spent so far, about: counts, not times, so that schedules are reproducible.
    double work() const { return work_; }

    // Nanoseconds of one sweep over all strips of rows and of columns, and bytes for each worker.
    static double sweep_work(const Field& field, int width);
    static double memory(const Field& field, int width);

private:
    struct Orientation {
        Lines lines;
        int width;
        std::vector<char> dirty;                          // per strip
        std::vector<std::vector<char>> moved;             // per strip: (length, width)
        std::vector<std::unique_ptr<Frontier>> frontier;  // per worker
        int strips() const { return lines.count() - width + 1; }
    };

    bool sweep(Orientation& orientation, Orientation& other, Labelling& labelling,
               StopFlag& stop);
    bool solve_strip(Orientation& orientation, int first, int worker, Labelling& labelling,
                     StopFlag& stop) const;
    static void mark(Orientation& orientation, int line);

    Orientation rows_, cols_;
    ThreadPool& pool_;
    double work_ = 0.0;
};

}  // namespace metafast::mrf

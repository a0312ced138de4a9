// MAP inference on a grid with a certificate: lower_bound <= min E <= energy, always.
//
// Narrow grids are solved by exact dynamic programming. Others alternate dual decomposition over
// chains, then strips (the bound, paper section 5.1), with strip re-optimisation (the labelling),
// and drop labels that the bound proves useless until the rest can be solved outright.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

#include "mrf/model/grid.hpp"

namespace metafast::mrf {

struct Record {
    double iteration;
    double time;  // seconds
    double bound;
    double energy;
};

struct Options {
    double time_limit = std::numeric_limits<double>::infinity();  // seconds
    double gap = 0.0;                                             // relative to the size, to stop at
    std::int64_t max_iterations = 5000;                           // passes over chains or strips
    int threads = 1;
    // Nanoseconds up to which a grid is solved by dynamic programming at once. Others are, if
    // they fit, once the search has taken as long as that would; 0: none but single lines.
    double exact_work = 1e8;
    std::function<bool()> should_stop;  // polled from the calling thread, often; may throw
    std::function<void(const Record&)> report;  // called with every record of the history
    Labelling initial;                          // (rows * cols) or empty
};

struct Result {
    Labelling labelling;
    double energy;       // +inf: no feasible labelling is known
    double size = 0.0;   // what gaps are relative to: |energy|, or its largest term if greater
    double lower_bound;  // +inf: none exists
    std::int64_t iterations = 0;
    bool optimal = false;  // energy and bound agree but for rounding, and to 1e-9 of the size
    std::vector<Record> history;
};

Result solve(const Grid& grid, const Options& options);

}  // namespace metafast::mrf

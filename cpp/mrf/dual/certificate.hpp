// Dual bounds, recomputed in float64 from the original tables.
//
// Any multipliers give a valid bound: two copies of a cost add up to no more than the cost, so
//
//   chains   D = sum over rows of the best row chain + sum over columns of the best column chain
//   strips   D = sum over strips of the best strip
//
// are at most the least energy over the labels still open. The first copy is half the cost plus the
// multiplier as float64 has it; the second is what remains, rounded down, so the bound holds
// whatever the sizes of the costs. What that gives away is at most the rounding along the best
// chains or strips themselves: with exact copies they would cost that much more, and the exact
// minimum costs no more than they do. Costs of labels that they do not use, however large, enter
// neither the bound nor the margin.
#pragma once

#include <functional>

#include "mrf/model/field.hpp"
#include "mrf/model/rounding.hpp"
#include "mrf/strips/split.hpp"
#include "threads/thread_pool.hpp"

namespace metafast::mrf {

struct Certificate {
    CompensatedSum bound;  // lower() <= the least energy; +inf proves infeasibility
    double margin = 0.0;   // at most this was given away to rounding
    // What the bound rises by with each open label, as LabelSets orders them; if asked for.
    std::vector<double> min_marginal_excess;
};

// `should_stop` is polled from the calling thread; once it says so the certificate is void: its
// bound is -inf and it has no min-marginals.
struct CertifyOptions {
    bool min_marginals = false;
    std::function<bool()> should_stop = nullptr;
};

// multipliers: what rows pay more than half of every open label's node cost, in the units of the
// tables, as LabelSets orders them.
Certificate certify_chains(const Field& field, const std::vector<double>& multipliers,
                           ThreadPool& pool, const CertifyOptions& options);

Certificate certify_strips(const StripLayout& layout, const StripSplit& split, ThreadPool& pool,
                           const CertifyOptions& options);

}  // namespace metafast::mrf

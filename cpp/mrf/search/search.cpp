#include "mrf/search/search.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstdio>

namespace metafast::mrf {

namespace {

// Passes before the first labelling is worth improving.
constexpr std::int64_t kFirstStrips = 20;

// Overlapping strips take over from chains after this many passes, and as much work as this many
// passes over strips.
constexpr std::int64_t kChainPasses = 80;
constexpr double kChainShare = 10.0;

const std::int64_t kMessagePasses = std::getenv("MF_MP") ? std::atoi(std::getenv("MF_MP")) : 10;
const double kRest = std::getenv("MF_REST") ? std::atof(std::getenv("MF_REST")) : 0.02;

// Between two certificates at least so many passes, which cost about as much as one.
constexpr std::int64_t kRecordEvery = 40;

}  // namespace

Search::Search(const Grid& grid, const Options& options, Result& result, Incumbent& incumbent)
    : options_(options),
      result_(result),
      incumbent_(incumbent),
      pool_(options.threads),
      budget_(options),
      relaxation_(grid, pool_, incumbent, budget_),
      labeller_(grid, relaxation_.sets(), pool_, incumbent, budget_),
      next_record_(kRecordEvery) {}

void Search::run() {
    labeller_.start(options_.initial);
    relaxation_.cut_costs();
    relaxation_.start_messages();
    incumbent_.offer(relaxation_.ascent().labelling(false));
    run_messages();
    run_chains();
    do {
        iterate_until(options_.max_iterations);
        // May drop labels, and with them begin another ascent.
        if (!incumbent_.closed() && (relaxation_.agreed() || !recorded())) record();
    } while (!relaxation_.agreed() && !finished());
    result_.iterations = budget_.passes();
}

// Messages until they come to rest.
void Search::run_messages() {
    while (!finished()) {
        const double before = relaxation_.ascent().best();
        iterate_until(budget_.passes() + kMessagePasses);
        const double gained = relaxation_.ascent().best() - before;
        if (gained < kRest * (incumbent_.energy() - relaxation_.ascent().best())) return;
    }
}

// Chains until strips take over; where no strips fit, until the end.
void Search::run_chains() {
    if (std::getenv("MF_SUB")) relaxation_.start_subgradients();
    const double share = kChainShare * relaxation_.strip_work() / relaxation_.ascent().work();
    std::int64_t passes = std::max(kChainPasses, static_cast<std::int64_t>(share));
    if (!std::getenv("MF_SUB")) passes = 0;
    else passes += budget_.passes();
    for (; !finished(); passes = budget_.passes() + kChainPasses) {
        iterate_until(passes);
        const bool fit = relaxation_.strips_fit();
        if (finished() || (relaxation_.agreed() && !fit)) return;
        if (!fit) continue;
        if (!recorded()) record();
        if (!finished()) relaxation_.start_strips();
        return;
    }
}

// Passes until the bound meets the energy, the limits or so many passes in all.
void Search::iterate_until(std::int64_t passes) {
    passes = std::min(passes, options_.max_iterations);
    while (budget_.passes() < passes && !relaxation_.agreed() && !finished()) {
        relaxation_.iterate();
        if (relaxation_.agreed()) {
            incumbent_.offer(relaxation_.ascent().labelling(false));
            return;
        }
        incumbent_.offer(relaxation_.ascent().labelling(false));
        if (budget_.passes() >= kFirstStrips) {
            labeller_.improve(relaxation_.ascent(), relaxation_.work());
        }
        if (relaxation_.cut_costs()) relaxation_.start_messages();
        if (budget_.passes() < next_record_ && !relaxation_.promising()) continue;
        record();
        next_record_ = budget_.passes() + std::max(kRecordEvery, budget_.passes() / 4);
        if (!relaxation_.agreed() && !finished()) relaxation_.widen_strips();
    }
}

bool Search::recorded() const {
    if (result_.history.empty()) return false;
    const Record& last = result_.history.back();
    return last.iteration == static_cast<double>(budget_.passes()) &&
           last.energy == incumbent_.energy();
}

// Writes a certified bound to the history, and drops labels that it proves useless.
void Search::record() {
    const double begin = budget_.seconds();
    const Certificate certificate = relaxation_.certify({true, options_.should_stop});
    if (const auto fewer = relaxation_.prune(certificate)) {
        labeller_.open(fewer);
        relaxation_.open(fewer);
    }
    const double end = budget_.seconds();
    budget_.expect_certificate(end - begin);
    result_.history.push_back({static_cast<double>(budget_.passes()), end, incumbent_.bound(),
                               incumbent_.energy()});
    if (options_.report) options_.report(result_.history.back());
}

}  // namespace metafast::mrf

#include "mrf/search/search.hpp"

#include <algorithm>
#include <cmath>

namespace metafast::mrf {

namespace {

// Passes before the first labelling is worth improving.
constexpr std::int64_t kFirstStrips = 20;

// Messages are at rest when so many passes gain less than this share of the gap.
constexpr std::int64_t kMessagePasses = 5;
constexpr double kRest = 0.04;

// Dynamic programming may take so many times as long as the passes did, where these end unproved.
constexpr double kLastShare = 10.0;

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
    leave_messages();
    do {
        iterate_until(options_.max_iterations);
        // May drop labels, and with them begin another ascent.
        if (!incumbent_.closed() && (relaxation_.agreed() || !recorded())) record();
    } while (!relaxation_.agreed() && !finished());
    finish_outright();
    result_.iterations = budget_.passes();
}

// Passes that have agreed, or are at their limit, leave a proof to dynamic programming where that
// is within reach: float32 ends at a relative gap of 1e-8.
void Search::finish_outright() {
    if (options_.exact_work == 0.0 || incumbent_.proved() || budget_.poll_stop()) return;
    if (relaxation_.solve_outright(kLastShare)) write_record();
}

// Messages until they come to rest. Where no labelling is known, the rise so far stands for the
// gap.
void Search::run_messages() {
    const double first = relaxation_.ascent().best();
    while (!finished()) {
        const double before = relaxation_.ascent().best();
        iterate_until(budget_.passes() + kMessagePasses);
        const double best = relaxation_.ascent().best(), energy = incumbent_.energy();
        const double left = std::isfinite(energy) ? energy - best : best - first;
        if (best - before < kRest * left) return;
    }
}

// Strips from here on; where none fit, chains by subgradients.
void Search::leave_messages() {
    if (finished()) return;
    if (!relaxation_.strips_fit()) {
        relaxation_.start_subgradients();
        return;
    }
    if (!recorded()) record();
    if (!finished()) relaxation_.start_strips();
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
    const bool more = !budget_.poll_stop();  // time to make use of min-marginals
    const Certificate certificate = relaxation_.certify({more, options_.should_stop});
    if (const auto fewer = relaxation_.prune(certificate)) {
        labeller_.open(fewer);
        relaxation_.open(fewer);
    }
    if (options_.exact_work > 0.0 && !finished()) relaxation_.solve_outright(1.0);
    const double end = budget_.seconds();
    budget_.expect_certificate(end - begin);
    write_record();
}

void Search::write_record() {
    result_.history.push_back({static_cast<double>(budget_.passes()), budget_.seconds(),
                               incumbent_.bound(), incumbent_.energy()});
    if (options_.report) options_.report(result_.history.back());
}

}  // namespace metafast::mrf

// The part of `Search` that certifies bounds and leaves out what they prove useless.
#include <algorithm>
#include <cfloat>
#include <cmath>

#include "mrf/primal/elimination.hpp"
#include "mrf/search/search.hpp"

namespace metafast::mrf {

namespace {

// Labels with which the bound comes this near to the gap asked for are not looked at any more.
constexpr double kGapShare = 0.999;

// Labels are dropped if that makes passes cheaper by this factor.
constexpr double kWorthDropping = 0.8;
// What is left is solved outright if it takes no more table entries than this, or than so many for
// every nanosecond of the passes so far up to a limit.
constexpr double kRestEntries = 5e5;
constexpr double kRestShare = 0.01;
constexpr double kMostRestEntries = 3e7;

// Costs that no good labelling can pay are dropped when that narrows the tables this many times.
constexpr double kWorthRestricting = 10.0;

}  // namespace

void Search::record() {
    const auto begin = std::chrono::steady_clock::now();
    const Certificate certificate = ascent_->certify({true, options_.should_stop});
    incumbent_.offer_bound(std::min(certificate.bound.lower(), floor_), certificate.margin);
    certified_ = ascent_->saved();
    recorded_ = result_.iterations;
    if (!certificate.min_marginal_excess.empty() && !done()) drop(certificate);
    const auto end = std::chrono::steady_clock::now();
    certificate_time_ = std::chrono::duration<double>(end - begin).count();
    const double passed = std::chrono::duration<double>(end - start_).count();
    result_.history.push_back({static_cast<double>(result_.iterations), passed,
                               result_.lower_bound, result_.energy});
    if (options_.report) options_.report(result_.history.back());
}

// A label with which the bound reaches the least energy known (or the gap below it) need not be
// looked at any more.
void Search::drop(const Certificate& certificate) {
    if (std::isinf(result_.energy)) return;
    const double target = result_.energy - kGapShare * options_.gap * std::fabs(result_.energy);
    const double missing = target - certificate.bound.lower();
    const double enough = std::max(missing, 0.0) * (1.0 + 8.0 * DBL_EPSILON) + DBL_MIN;
    std::vector<char> keep(certificate.min_marginal_excess.size());
    for (std::size_t i = 0; i < keep.size(); ++i) {
        keep[i] = certificate.min_marginal_excess[i] * (1.0 - 8.0 * DBL_EPSILON) < enough;
    }
    LabelSets fewer = sets_;
    const double floor = std::min(floor_, target);
    if (!fewer.retain(keep)) {
        incumbent_.offer_bound(floor, 0.0);
        closed_ = true;
        return;
    }
    if (fewer.total() == sets_.total()) return;
    const Field rest{grid_, fewer, useful_.cutoff};
    if (solve_rest(rest, floor)) return;
    const int width = strips_ ? strips_->width() : 2;
    const double before = StripAscent::work(strips(width));
    if (StripAscent::work({strip_lines(rest), width}) > kWorthDropping * before) return;
    floor_ = floor;
    open_only(fewer);
}

bool Search::solve_rest(const Field& field, double floor) {
    if (field.sets.total() > 2 * field.sets.nodes()) return false;
    const double most = std::clamp(kRestShare * dual_work_, kRestEntries, kMostRestEntries);
    const auto rest = eliminate(field, most, [this] { return stop(); });
    if (!rest) return false;
    incumbent_.offer(rest->labelling);
    incumbent_.offer_bound(std::min(rest->bound.lower(), floor), rest->margin);
    closed_ = true;
    return true;
}

// Goes on over fewer labels, with the multipliers there are.
void Search::open_only(const LabelSets& fewer) {
    const LabelSets all = sets_;
    const Level level = ascent_->level();
    const std::vector<double> old = chains_ ? chains_->multipliers() : std::vector<double>{};
    sets_ = fewer;
    range_ = measure(useful_);
    choose_sweepers();
    if (strips_ != nullptr) {
        const Lines before = strip_lines(Field{grid_, all, useful_.cutoff});
        start_strips(strips_->split().retained(before, strip_lines(useful_), range_.scale()),
                     strips_->width(), level);
        return;
    }
    std::vector<double> kept;
    for (std::size_t node = 0; node < sets_.nodes(); ++node) {
        for (const Position position : sets_.positions_in(all, node)) {
            kept.push_back(old[all.offset(node) + index(position)]);
        }
    }
    start_chains(kept, level);
}

// A cost of 1e16 in place of +inf would set the scale and the steps of the float32 search, and
// leave it blind to the costs that matter. Returns whether the field has changed.
bool Search::restrict() {
    if (std::isinf(result_.energy) || strips_ != nullptr) return false;
    const double cutoff = cost_cutoff(range_, result_.energy);
    if (!(range_.widest > kWorthRestricting * cutoff)) return false;
    useful_.cutoff = cutoff;
    range_ = measure(useful_);
    return true;
}

}  // namespace metafast::mrf

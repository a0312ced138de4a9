#include "mrf/search/relaxation.hpp"

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <limits>
#include <utility>

#include "mrf/dual/chain_ascent.hpp"
#include "mrf/dual/message_ascent.hpp"
#include "mrf/dual/strip_ascent.hpp"
#include "mrf/primal/elimination.hpp"
#include "mrf/search/exact.hpp"

namespace metafast::mrf {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Strips are iterated over if one pass takes no more nanoseconds than this, and all no more bytes.
constexpr double kMostStripWork = 2e9;
constexpr double kMostStripBytes = 6e9;

// Messages on a few short lines of very many labels would fill memory with lanes that have no node:
// chains by subgradients instead, if that takes more bytes and lanes for every node than this.
constexpr double kMessageBytes = 2.5e8;
constexpr double kMostPadding = 4.0;

// They get one line more when the gap is this many times what they are still expected to gain, or
// when a pass costs no more than so many times as much.
constexpr double kFarOff = 1.0;
constexpr double kCheap = 1.6;

// Relative gap that passes in float32 do not resolve.
constexpr double kResolution = 1e-6;

// Labels with which the bound comes this near to the gap wanted are not looked at any more.
constexpr double kGapShare = 0.999;

// Labels are dropped if that makes passes cheaper by this factor.
constexpr double kWorthDropping = 0.8;
// What is left is solved outright if it takes no more table entries than this, or than so many for
// every nanosecond of the passes so far up to a limit.
constexpr double kRestEntries = 5e5;
constexpr double kRestShare = 0.01;
constexpr double kMostRestEntries = 3e7;

// Dynamic programming over the whole grid takes no more bytes than this.
constexpr double kMostExactBytes = 1e9;

// Share of the costs' quantum: an energy less than that above the bound is the optimum.
constexpr double kQuantumShare = 0.999;

// Costs that no good labelling can pay are cut when that narrows the tables this many times.
constexpr double kWorthCutting = 10.0;

}  // namespace

Relaxation::Relaxation(const Grid& grid, ThreadPool& pool, Incumbent& incumbent, Budget& budget)
    : grid_(grid),
      pool_(pool),
      incumbent_(incumbent),
      budget_(budget),
      sets_(std::make_shared<const LabelSets>(grid)),
      range_(measure(field(*sets_))),
      floor_(kInfinity),
      certified_(-kInfinity) {
    incumbent_.set_quantum(range_.quantum);
    incumbent_.offer_bound(range_.base.lower(), 0.0);
}

void Relaxation::iterate() {
    ascent_->iterate(incumbent_.energy());
    budget_.count_pass();
    work_ += ascent_->work();
}

// A cost of 1e16 in place of +inf would set the scale and the steps of the float32 passes, and
// leave them blind to the costs that matter.
bool Relaxation::cut_costs() {
    if (std::isinf(incumbent_.energy()) || (ascent_ && ascent_->width() > 1)) return false;
    const double cutoff = cost_cutoff(range_, incumbent_.energy());
    if (!(range_.widest > kWorthCutting * cutoff)) return false;
    cutoff_ = cutoff;
    range_ = measure(field(*sets_));
    return true;
}

void Relaxation::start_messages() {
    const Field all = field(*sets_);
    if (MessageArrays::memory(all) > kMessageBytes && MessageArrays::padding(all) > kMostPadding) {
        install([&] { return std::make_unique<ChainAscent>(all, range_, pool_); });
    } else {
        install([&] { return std::make_unique<MessageAscent>(all, range_, pool_); });
    }
}

void Relaxation::start_subgradients() {
    if (auto make = ascent_->by_subgradients()) install(std::move(make));
}

void Relaxation::start_strips() { install(ascent_->as_strips(next_width(2))); }

void Relaxation::widen_strips() {
    if (ascent_->width() == 1) return;
    const int width = next_width(ascent_->width());
    if (width > ascent_->width()) install(ascent_->as_strips(width));
}

bool Relaxation::strips_fit(int width) const {
    const StripLayout layout = strips(width);
    return width <= std::min(kMostLines, layout.lines.count()) &&
           StripAscent::work(layout) <= kMostStripWork &&
           StripAscent::memory(layout) <= kMostStripBytes;
}

// More lines while they cost little more, and one more where the strips have come near their best
// bound and a gap remains.
int Relaxation::next_width(int width) const {
    const double gap = incumbent_.energy() - ascent_->best();
    const bool slow =
        ascent_->width() > 1 && std::isfinite(gap) && gap > kFarOff * ascent_->reach();
    if (slow && strips_fit(width + 1)) ++width;
    while (strips_fit(width + 1) && StripAscent::work(strips(width + 1)) <=
                                        kCheap * StripAscent::work(strips(width))) {
        ++width;
    }
    return width;
}

void Relaxation::install(const Ascent::Successor& make) {
    const double before = ascent_ ? ascent_->work() : 0.0;
    ascent_.reset();  // its memory goes first
    ascent_ = make();
    if (before > 0.0) budget_.scale_certificate(std::max(ascent_->work() / before, 1.0));
    certified_ = -kInfinity;
    if (agreed()) incumbent_.offer(ascent_->labelling(false));
}

bool Relaxation::promising() const {
    const double energy = incumbent_.energy(), size = incumbent_.size();
    const double gap = std::max(std::max(incumbent_.wanted_gap(), kResolution) * size,
                                kQuantumShare * incumbent_.quantum());
    return ascent_->saved() > certified_ + 0.1 * gap && energy - ascent_->saved() <= gap;
}

Certificate Relaxation::certify(const CertifyOptions& options) {
    Certificate certificate = ascent_->certify(options);
    incumbent_.offer_bound(std::min(certificate.bound.lower(), floor_), certificate.margin);
    certified_ = ascent_->saved();
    return certificate;
}

// A label with which the bound reaches the least energy known (or the gap below it) need not be
// looked at any more.
std::shared_ptr<const LabelSets> Relaxation::prune(const Certificate& certificate) {
    const std::vector<double>& excess = certificate.min_marginal_excess;
    const double energy = incumbent_.energy();
    if (excess.empty() || std::isinf(energy) || incumbent_.proved()) return nullptr;
    const double target = energy - std::max(kGapShare * incumbent_.wanted_gap() * incumbent_.size(),
                                            kQuantumShare * incumbent_.quantum());
    const double missing = target - certificate.bound.lower();
    const double enough = std::max(missing, 0.0) * (1.0 + 8.0 * DBL_EPSILON) + DBL_MIN;
    std::vector<char> keep(excess.size());
    for (std::size_t i = 0; i < keep.size(); ++i) {
        keep[i] = excess[i] * (1.0 - 8.0 * DBL_EPSILON) < enough;
    }
    auto fewer = std::make_shared<LabelSets>(*sets_);
    const double floor = std::min(floor_, target);
    if (!fewer->retain(keep)) {
        incumbent_.offer_bound(floor, 0.0);
        incumbent_.close();
        return nullptr;
    }
    if (fewer->total() == sets_->total()) return nullptr;
    const Field rest = field(*fewer);
    if (solve_rest(rest, floor)) return nullptr;
    const int width = std::max(ascent_->width(), 2);
    const double before = StripAscent::work(strips(width));
    if (StripAscent::work(long_strips(rest, width)) > kWorthDropping * before) return nullptr;
    floor_ = floor;
    return fewer;
}

bool Relaxation::solve_rest(const Field& rest, double floor) {
    if (rest.sets.total() > 2 * rest.sets.nodes()) return false;
    const double most = std::clamp(kRestShare * work_, kRestEntries, kMostRestEntries);
    const auto best = eliminate(rest, most, [this] { return budget_.poll_stop(); });
    if (!best) return false;
    incumbent_.offer(best->labelling);
    incumbent_.offer_bound(std::min(best->bound.lower(), floor), best->margin);
    incumbent_.close();
    return true;
}

bool Relaxation::solve_outright(double share) {
    const Lines lines{Field{grid_, *sets_}, grid_.cols < grid_.rows};
    if (exact_work(lines) > share * work_ || exact_memory(lines) > kMostExactBytes) return false;
    const auto stop = [this] { return budget_.poll_stop(); };
    if (!solve_exactly(lines, incumbent_, stop, floor_)) return false;
    incumbent_.close();
    return true;
}

void Relaxation::open(std::shared_ptr<const LabelSets> fewer) {
    range_ = measure(field(*fewer));
    const Ascent::Successor make = ascent_->restricted(field(*fewer), range_);
    const auto before = std::exchange(sets_, std::move(fewer));  // the old ascent looks at it
    install(make);
}

}  // namespace metafast::mrf

#include "mrf/search.hpp"

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <limits>

#include "mrf/chain_ascent.hpp"
#include "mrf/elimination.hpp"

namespace metafast::mrf {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Strips of labellings may use this share of the time of the passes, and so many nanoseconds at once.
constexpr double kStripShare = 0.5;
constexpr double kStripCredit = 1e7;
// Strips of two and of three lines are searched if one sweep takes no longer than this many passes
// over chains and a worker needs no more bytes than this.
constexpr double kStripPasses = 2500.0;
constexpr double kStripMemory = 256e6;

// Passes before the first labelling is worth improving.
constexpr std::int64_t kFirstStrips = 20;

// Overlapping strips take over from chains after this many passes, and as much work as this many
// passes over strips; if one pass takes no more nanoseconds than this, and all no more bytes.
constexpr std::int64_t kChainPasses = 80;
constexpr double kChainShare = 10.0;
constexpr double kMostStripWork = 2e9;
constexpr double kMostStripBytes = 6e9;

// They get one line more when the gap is this many times what they are still expected to gain, or
// when a pass costs no more than so many times as much.
constexpr double kFarOff = 1.0;
constexpr double kCheap = 1.6;

// Between two certificates at least so many passes, which cost about as much as one.
constexpr std::int64_t kRecordEvery = 40;

// Labels with which the bound comes this near to the gap asked for are not looked at any more.
constexpr double kGapShare = 0.999;

// Labels are dropped if that makes passes cheaper by this factor.
constexpr double kWorthDropping = 0.8;
// What is left is solved outright if it takes no more table entries than this, or than so many for
// every nanosecond of the passes so far.
constexpr double kRestEntries = 5e5;
constexpr double kRestShare = 0.01;

// Costs that no good labelling can pay are dropped when that narrows the tables this many times.
constexpr double kWorthRestricting = 10.0;

}  // namespace

Search::Search(const Grid& grid, const Options& options, Result& result, Incumbent& incumbent)
    : grid_(grid),
      options_(options),
      result_(result),
      incumbent_(incumbent),
      pool_(options.threads),
      sets_(grid),
      finite_{grid, sets_},
      useful_{grid, sets_},
      range_(measure(useful_)),
      floor_(kInfinity),
      certified_(-kInfinity) {
    finite_.penalty = penalty(finite_);
    choose_searches();
}

void Search::run() {
    incumbent_.offer(greedy(finite_));
    if (!options_.initial.empty()) {
        incumbent_.offer(options_.initial);
        Labelling x = options_.initial;
        for (std::size_t node = 0; node < x.size(); ++node) {
            if (sets_.find(node, x[node]) < 0) x[node] = sets_.at(node)[0];
        }
        improve_by(searches_[0], x);
    }
    restrict();
    start_chains({}, {});
    incumbent_.offer(ascent_->labelling(false));
    for (std::int64_t most = chain_passes(); !over(); most = result_.iterations + kChainPasses) {
        rise(most);
        if (over() || !strips_fit(strips(2))) continue;
        if (result_.iterations > recorded_) record();
        if (closed_) break;
        const StripSplit split =
            split_from_chains(strip_lines(useful_), chains_->multipliers(), range_.scale());
        start_strips(split, next_width(2), {});
        break;
    }
    rise(options_.max_iterations);
    if (!improved_ && !done()) {
        Labelling x = ascent_->labelling(false);
        improve_by(searches_[0], x);
    }
    if (!closed_) record();
}

// Passes over chains before strips take over.
std::int64_t Search::chain_passes() const {
    const double share = kChainShare * StripAscent::work(strips(2));
    return std::max(kChainPasses, static_cast<std::int64_t>(share / ascent_->work()));
}

bool Search::over() {
    return done() || ascent_->agreed() || result_.iterations >= options_.max_iterations || stop();
}

// Passes until the bound meets the energy, the limits or `most` passes in all.
void Search::rise(std::int64_t most) {
    most = std::min(most, options_.max_iterations);
    std::int64_t next_record = std::max<std::int64_t>(8, result_.iterations + kRecordEvery);
    while (result_.iterations < most && !over()) {
        ascent_->iterate(result_.energy);
        ++result_.iterations;
        dual_work_ += ascent_->work();
        if (ascent_->agreed()) {
            incumbent_.offer(ascent_->labelling(false));
            return;
        }
        if (result_.iterations >= kFirstStrips) improve();
        if (restrict()) {
            start_chains({}, {});
            certified_ = -kInfinity;
        }
        if (result_.iterations >= next_record || promising()) {
            record();
            next_record = result_.iterations +
                          std::max<std::int64_t>(kRecordEvery, result_.iterations / 4);
            if (!over()) widen();
        }
    }
}

// Looks a certificate's time ahead, so that the last one is ready at the time limit.
bool Search::stop() {
    if (stopped_) return true;
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start_;
    stopped_ = passed.count() + certificate_time_ >= options_.time_limit ||
               (options_.should_stop && options_.should_stop());
    return stopped_;
}

bool Search::done() const {
    return closed_ || result_.optimal || incumbent_.gap() <= options_.gap ||
           result_.lower_bound == kInfinity;
}

// Whether a certificate would reach the gap asked for.
bool Search::promising() const {
    return options_.gap > 0.0 && ascent_->best() > certified_ &&
           result_.energy - ascent_->best() <= options_.gap * std::fabs(result_.energy);
}

void Search::choose_searches() {
    searches_.clear();
    const double pass = ChainAscent::work(useful_);
    for (const int width : {2, 3, 1}) {
        const double sweep = StripSearch::sweep_work(finite_, width);
        const bool fits = sweep <= kStripPasses * pass &&
                          StripSearch::memory(finite_, width) <= kStripMemory;
        if (width == 1 ? !searches_.empty() : !fits) continue;
        searches_.push_back({std::make_unique<StripSearch>(finite_, width, pool_), width, sweep});
    }
}

// By strips, each width once a sweep is within its share of the time.
void Search::improve() {
    Labelling x;
    for (const Strips& strips : searches_) {
        if (spent_[strips.width] + strips.sweep > kStripShare * dual_work_ + kStripCredit) continue;
        if (x.empty()) x = ascent_->labelling(turn_);
        improve_by(strips, x);
    }
    turn_ = !turn_;
}

void Search::improve_by(const Strips& strips, Labelling& labelling) {
    const double before = strips.search->work();
    strips.search->improve(labelling, [this] { return stop(); });
    spent_[strips.width] += strips.search->work() - before;
    incumbent_.offer(labelling);
    improved_ = true;
}

// A cost of 1e16 in place of +inf would set the scale and the steps of the float32 search, and leave
// it blind to the costs that matter. Returns whether the field has changed.
bool Search::restrict() {
    if (std::isinf(result_.energy) || strips_ != nullptr) return false;
    const double excess = affordable(range_, result_.energy);
    if (!(range_.widest > kWorthRestricting * excess)) return false;
    useful_.excess = excess;
    range_ = measure(useful_);
    return true;
}

Lines Search::strip_lines(const Field& field) const {
    // Long strips are few, so fewer multipliers have to be found.
    return Lines{field, grid_.rows > grid_.cols};
}

bool Search::strips_fit(const StripLayout& layout) const {
    return layout.width <= std::min(kMostLines, layout.lines.count()) &&
           StripAscent::work(layout) <= kMostStripWork &&
           StripAscent::memory(layout, pool_.size()) <= kMostStripBytes;
}

void Search::start_chains(const std::vector<double>& multipliers, const Level& level) {
    ascent_.reset();
    auto chains = std::make_unique<ChainAscent>(useful_, range_, pool_, multipliers, level);
    chains_ = chains.get();
    strips_ = nullptr;
    ascent_ = std::move(chains);
}

void Search::start_strips(const StripSplit& split, int width, const Level& level) {
    ascent_.reset();
    auto ascent = std::make_unique<StripAscent>(strips(width), range_, pool_, split, level);
    strips_ = ascent.get();
    chains_ = nullptr;
    ascent_ = std::move(ascent);
}

// The width to go on with: more lines while they cost little more, and one more where the strips
// have come near their best bound and a gap remains.
int Search::next_width(int width) const {
    const bool slow = strips_ != nullptr &&
                      result_.energy - ascent_->best() > kFarOff * ascent_->level().reach;
    if (slow && strips_fit(strips(width + 1))) ++width;
    while (strips_fit(strips(width + 1)) && StripAscent::work(strips(width + 1)) <=
                                                kCheap * StripAscent::work(strips(width))) {
        ++width;
    }
    return width;
}

void Search::widen() {
    if (strips_ == nullptr || next_width(strips_->width()) == strips_->width()) return;
    Level level;
    level.best = ascent_->best();
    const StripSplit split = strips_->split();
    start_strips(split, next_width(strips_->width()), level);
}

void Search::record() {
    const auto begin = std::chrono::steady_clock::now();
    const Certificate certificate = ascent_->certify({true, options_.should_stop});
    incumbent_.offer_bound(std::min(certificate.bound.lower(), floor_), certificate.margin);
    certified_ = ascent_->best();
    recorded_ = result_.iterations;
    if (!certificate.excess.empty() && !done()) drop(certificate);
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
    std::vector<char> keep(certificate.excess.size());
    for (std::size_t i = 0; i < keep.size(); ++i) {
        keep[i] = certificate.excess[i] * (1.0 - 8.0 * DBL_EPSILON) < enough;
    }
    LabelSets fewer = sets_;
    const double floor = std::min(floor_, target);
    if (!fewer.retain(keep)) {
        incumbent_.offer_bound(floor, 0.0);
        closed_ = true;
        return;
    }
    if (fewer.total() == sets_.total()) return;
    const Field rest{grid_, fewer, useful_.excess};
    if (solve_rest(rest, floor)) return;
    const int width = strips_ ? strips_->width() : 2;
    const double before = StripAscent::work(strips(width));
    if (StripAscent::work({strip_lines(rest), width}) > kWorthDropping * before) return;
    floor_ = floor;
    open_only(fewer);
}

bool Search::solve_rest(const Field& field, double floor) {
    if (field.sets.total() > 2 * field.sets.nodes()) return false;
    const auto rest = eliminate(field, std::max(kRestEntries, kRestShare * dual_work_));
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
    choose_searches();
    if (strips_ != nullptr) {
        const Lines before = strip_lines(Field{grid_, all, useful_.excess});
        start_strips(strips_->split().retained(before, strip_lines(useful_), range_.scale()),
                     strips_->width(), level);
        return;
    }
    std::vector<double> kept;
    for (std::size_t node = 0; node < sets_.nodes(); ++node) {
        for (int k = 0; k < sets_.count(node); ++k) {
            kept.push_back(old[all.offset(node) + all.find(node, sets_.at(node)[k])]);
        }
    }
    start_chains(kept, level);
}

}  // namespace metafast::mrf

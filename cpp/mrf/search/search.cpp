#include "mrf/search/search.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace metafast::mrf {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Strips of labellings may use this share of the time of the passes, and so many nanoseconds at
// once.
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
    incumbent_.offer_bound(range_.base.lower(), 0.0);
    choose_sweepers();
}

void Search::run() {
    incumbent_.offer(greedy(finite_));
    if (!options_.initial.empty()) {
        incumbent_.offer(options_.initial);
        Labelling x = options_.initial;
        for (std::size_t node = 0; node < x.size(); ++node) {
            if (!sets_.find(node, x[node])) x[node] = sets_.label(node, Position(0));
        }
        improve_by(sweepers_[0], x);
    }
    restrict();
    start_chains({}, {});
    incumbent_.offer(ascent_->labelling(false));
    climb_chains();
    do {
        rise(options_.max_iterations);
        if (!improved_ && !done()) {
            Labelling x = ascent_->labelling(false);
            improve_by(sweepers_[0], x);
        }
        // May drop labels, and with them begin another ascent.
        if (!closed_ && (ascent_->agreed() || !recorded_now())) record();
    } while (!over());
}

// Chains until strips take over; where no strips fit, until the end.
void Search::climb_chains() {
    for (std::int64_t most = chain_passes(); !spent(); most = result_.iterations + kChainPasses) {
        rise(most);
        const bool fit = strips_fit(strips(2));
        if (spent() || (ascent_->agreed() && !fit)) return;
        if (!fit) continue;
        if (!recorded_now()) record();
        if (spent()) return;
        const StripSplit split =
            split_from_chains(strip_lines(useful_), chains_->multipliers(), range_.scale());
        start_strips(split, next_width(2), {});
        return;
    }
}

bool Search::recorded_now() const {
    return result_.iterations == recorded_ && result_.history.back().energy == result_.energy;
}

// Passes over chains before strips take over.
std::int64_t Search::chain_passes() const {
    const double share = kChainShare * StripAscent::work(strips(2));
    return std::max(kChainPasses, static_cast<std::int64_t>(share / ascent_->work()));
}

bool Search::spent() {
    return done() || result_.iterations >= options_.max_iterations || stop();
}

bool Search::over() { return ascent_->agreed() || spent(); }

// Passes until the bound meets the energy, the limits or `most` passes in all.
void Search::rise(std::int64_t most) {
    most = std::min(most, options_.max_iterations);
    std::int64_t next_record = result_.iterations + kRecordEvery;
    while (result_.iterations < most && !over()) {
        ascent_->iterate(result_.energy);
        ++result_.iterations;
        dual_work_ += ascent_->work();
        if (ascent_->agreed()) {
            incumbent_.offer(ascent_->labelling(false));
            return;
        }
        if (result_.iterations >= kFirstStrips) improve();
        if (restrict()) start_chains({}, {});
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
    return options_.gap > 0.0 && ascent_->saved() > certified_ &&
           result_.energy - ascent_->saved() <= options_.gap * std::fabs(result_.energy);
}

void Search::choose_sweepers() {
    sweepers_.clear();
    const double pass = ChainAscent::work(useful_);
    for (const int width : {2, 3, 1}) {
        const double sweep = StripSearch::sweep_work(finite_, width);
        const bool last_resort = width == 1;
        if (last_resort ? !sweepers_.empty()
                        : sweep > kStripPasses * pass ||
                              StripSearch::memory(finite_, width) > kStripMemory) {
            continue;
        }
        sweepers_.push_back({std::make_unique<StripSearch>(finite_, width, pool_), width, sweep});
    }
}

// By strips, each width once a sweep is within its share of the time.
void Search::improve() {
    Labelling x;
    for (const Sweeper& sweeper : sweepers_) {
        const double work = spent_[sweeper.width] + sweeper.sweep;
        if (work > kStripShare * dual_work_ + kStripCredit) continue;
        if (x.empty()) x = ascent_->labelling(turn_);
        improve_by(sweeper, x);
    }
    turn_ = !turn_;
}

void Search::improve_by(const Sweeper& sweeper, Labelling& labelling) {
    const double before = sweeper.search->work();
    sweeper.search->improve(labelling, [this] { return stop(); });
    spent_[sweeper.width] += sweeper.search->work() - before;
    incumbent_.offer(labelling);
    improved_ = true;
}

Lines Search::strip_lines(const Field& field) const {
    // Long strips are few, so fewer multipliers have to be found.
    return Lines{field, grid_.rows > grid_.cols};
}

bool Search::strips_fit(const StripLayout& layout) const {
    return layout.width <= std::min(kMostLines, layout.lines.count()) &&
           StripAscent::work(layout) <= kMostStripWork &&
           StripAscent::memory(layout) <= kMostStripBytes;
}

void Search::begin(std::unique_ptr<Ascent> ascent) {
    if (worked_ > 0.0) certificate_time_ *= std::max(ascent->work() / worked_, 1.0);
    worked_ = ascent->work();
    ascent_ = std::move(ascent);
    certified_ = -kInfinity;
    if (ascent_->agreed()) incumbent_.offer(ascent_->labelling(false));
}

void Search::start_chains(const std::vector<double>& multipliers, const Level& level) {
    ascent_.reset();  // its memory goes first
    auto chains = std::make_unique<ChainAscent>(useful_, range_, pool_, multipliers, level);
    chains_ = chains.get();
    strips_ = nullptr;
    begin(std::move(chains));
}

void Search::start_strips(const StripSplit& split, int width, const Level& level) {
    ascent_.reset();
    auto strips = std::make_unique<StripAscent>(this->strips(width), range_, pool_, split, level);
    strips_ = strips.get();
    chains_ = nullptr;
    begin(std::move(strips));
}

// The width to go on with: more lines while they cost little more, and one more where the strips
// have come near their best bound and a gap remains.
int Search::next_width(int width) const {
    const double gap = result_.energy - ascent_->best();
    const bool slow = strips_ != nullptr && std::isfinite(gap) &&
                      gap > kFarOff * ascent_->level().reach;
    if (slow && strips_fit(strips(width + 1))) ++width;
    while (strips_fit(strips(width + 1)) && StripAscent::work(strips(width + 1)) <=
                                                kCheap * StripAscent::work(strips(width))) {
        ++width;
    }
    return width;
}

void Search::widen() {
    if (strips_ == nullptr) return;
    const int width = next_width(strips_->width());
    if (width == strips_->width()) return;
    const StripSplit split = strips_->split();
    start_strips(split, width, {});
}

}  // namespace metafast::mrf

#include "mrf/solver.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>
#include <optional>

#include "mrf/certificate.hpp"
#include "mrf/dual.hpp"
#include "mrf/frontier.hpp"
#include "mrf/incumbent.hpp"
#include "mrf/restriction.hpp"
#include "mrf/strips.hpp"

namespace metafast::mrf {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// One float64 addition of a strip costs about as much as this many lane additions of the dual.
constexpr double kStripCost = 2.0;
// Strips may use this share of the work of the dual.
constexpr double kStripShare = 1.0;
// Strips of two and of three lines are searched if one sweep costs no more than this many passes of
// the dual (up to 29 labels in threes, 1250 in pairs) and a worker needs no more bytes than this.
constexpr double kStripPasses = 5000.0;
constexpr double kStripMemory = 256e6;
// Passes before the first labelling is worth improving.
constexpr int kFirstStrips = 20;
// Rounds of the float64 search that turns agreement in float32 into a proof.
constexpr int kProofRounds = 60;
// It is tried from agreement in float32, or from a relative gap this small.
constexpr double kProofGap = 1e-5;
// Costs that no good labelling can pay are dropped when that narrows the tables this many times.
constexpr double kWorthRestricting = 10.0;

class Clock {
public:
    double seconds() const {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    }

private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

bool solve_exactly(const Grid& grid, const Options& options, Incumbent& incumbent) {
    const Lines lines{grid, grid.cols < grid.rows};
    Frontier frontier(lines.count(), lines.length(), grid.labels);
    for (int pos = 0; pos < lines.length(); ++pos) {
        for (int q = 0; q < lines.count(); ++q) {
            const double* unary = lines.unary(q, pos);
            std::copy(unary, unary + grid.labels, frontier.cost(q, pos));
        }
    }
    if (!frontier.solve(lines, 0, options.should_stop)) return false;
    Labelling labelling(grid.nodes());
    for (int pos = 0; pos < lines.length(); ++pos) {
        for (int q = 0; q < lines.count(); ++q) {
            labelling[lines.node(q, pos)] = frontier.chosen(q, pos);
        }
    }
    incumbent.offer(labelling);
    const double bound = frontier.bound().lower();
    incumbent.offer_bound(bound, frontier.value() - bound);
    return true;
}

class Search {
public:
    Search(const Grid& grid, const Options& options, Result& result, Incumbent& incumbent)
        : grid_(grid),
          options_(options),
          result_(result),
          incumbent_(incumbent),
          pool_(options.threads),
          finite_(penalised(grid, finite_storage_)),
          useful_(grid),
          range_(measure(grid)) {
        for (const int width : {2, 3}) {
            const double work = kStripCost * StripSearch::sweep_work(grid, width);
            if (work > kStripPasses * pass_work()) continue;
            if (StripSearch::memory(grid, width) > kStripMemory) continue;
            strips_.push_back(std::make_unique<StripSearch>(finite_, width, pool_));
        }
        if (strips_.empty()) strips_.push_back(std::make_unique<StripSearch>(finite_, 1, pool_));
    }

    void run() {
        incumbent_.offer(greedy(finite_));
        if (!options_.initial.empty()) improve(options_.initial);
        restrict();
        dual_.emplace(useful_, range_, pool_);
        incumbent_.offer(dual_->rows());
        record();
        std::int64_t next_record = 8;
        while (!stop() && result_.iterations < options_.max_iterations && !done()) {
            dual_->iterate(result_.energy);
            ++result_.iterations;
            if (dual_->agreed()) incumbent_.offer(dual_->rows());
            if (result_.iterations >= kFirstStrips && strip_work() < kStripShare * dual_work()) {
                improve(turn_ ? dual_->rows() : dual_->cols());
                turn_ = !turn_;
            }
            if (restrict()) {
                dual_.emplace(useful_, range_, pool_);
                asked_ = -kInfinity;
            }
            if (dual_->agreed()) break;
            const bool promising = near_gap(dual_->best());
            if (result_.iterations >= next_record || promising) {
                record();
                next_record = result_.iterations + 1 + result_.iterations / 4;
            }
        }
        finish();
    }

private:
    // Looks a certificate's time ahead, so that the last one is ready at the time limit.
    bool stop() {
        if (stopped_) return true;
        stopped_ = clock_.seconds() + certificate_time_ >= options_.time_limit ||
                   (options_.should_stop && options_.should_stop());
        return stopped_;
    }

    bool done() const {
        return result_.optimal || incumbent_.gap() <= options_.gap ||
               result_.lower_bound == kInfinity;
    }

    bool near_gap(double bound) const {
        return options_.gap > 0.0 && bound > asked_ &&
               result_.energy - bound <= options_.gap * std::fabs(result_.energy);
    }

    double pass_work() const {
        return static_cast<double>(grid_.pairs()) *
               static_cast<double>(grid_.horizontal_edges() + grid_.vertical_edges());
    }

    double dual_work() const { return static_cast<double>(result_.iterations) * pass_work(); }

    double strip_work() const {
        double work = 0.0;
        for (const auto& search : strips_) work += kStripCost * search->work();
        return work;
    }

    void improve(Labelling labelling) {
        incumbent_.offer(labelling);
        for (const auto& search : strips_) {
            search->improve(labelling, [this] { return stop(); });
            incumbent_.offer(labelling);
        }
    }

    // A cost of 1e16 in place of +inf would set the scale and the steps of the float32 search, and
    // leave it blind to the costs that matter. Returns whether the grid to search has changed.
    bool restrict() {
        if (std::isinf(result_.energy)) return false;
        const double excess = affordable(range_, result_.energy);
        if (!(range_.widest > kWorthRestricting * excess)) return false;
        useful_ = restricted(grid_, excess, useful_storage_);
        range_ = measure(useful_);
        return true;
    }

    Certificate certify_now(const std::vector<double>& multipliers) {
        const double start = clock_.seconds();
        Certificate certificate = certify(useful_, multipliers, pool_, options_.should_stop);
        incumbent_.offer_bound(certificate.bound.lower(), certificate.margin);
        certificate_time_ = clock_.seconds() - start;
        return certificate;
    }

    void record() {
        certify_now(dual_->multipliers());
        asked_ = dual_->best();
        write_history();
    }

    void write_history() {
        result_.history.push_back({static_cast<double>(result_.iterations), clock_.seconds(),
                                   result_.lower_bound, result_.energy});
    }

    // A few Polyak steps in float64 towards the known energy. Where rows and columns agree but for
    // float32 rounding, they reach agreement, and with it a proof of optimality.
    void prove() {
        std::vector<double> multipliers = dual_->multipliers();
        const std::size_t labels = grid_.labels;
        for (int round = 0; round < kProofRounds && !stop() && !done(); ++round) {
            const Certificate certificate = certify_now(multipliers);
            const double bound = certificate.bound.lower();
            incumbent_.offer(certificate.rows);
            std::size_t disagreements = 0;
            for (std::size_t i = 0; i < grid_.nodes(); ++i) {
                disagreements += certificate.rows[i] != certificate.cols[i];
            }
            if (disagreements == 0 || std::isinf(bound)) return;
            const double step =
                (result_.energy - bound) / (2.0 * static_cast<double>(disagreements));
            for (std::size_t i = 0; i < grid_.nodes(); ++i) {
                if (certificate.rows[i] == certificate.cols[i]) continue;
                multipliers[i * labels + certificate.rows[i]] += step;
                multipliers[i * labels + certificate.cols[i]] -= step;
            }
        }
    }

    void finish() {
        if (result_.iterations < kFirstStrips) improve(dual_->rows());
        record();
        if (done() || !(dual_->agreed() || incumbent_.gap() < kProofGap)) return;
        prove();
        write_history();
    }

    const Grid& grid_;
    const Options& options_;
    Result& result_;
    Incumbent& incumbent_;
    Clock clock_;
    ThreadPool pool_;
    std::vector<double> finite_storage_, useful_storage_;
    Grid finite_;  // for strips: no infinities
    Grid useful_;  // for the dual and its certificate: no costs too large to be paid
    Range range_;  // of useful_
    std::optional<DualAscent> dual_;
    std::vector<std::unique_ptr<StripSearch>> strips_;
    bool turn_ = true;
    bool stopped_ = false;
    double certificate_time_ = 0.0;  // seconds
    double asked_ = -kInfinity;      // the dual's value at the last record
};

}  // namespace

Result solve(const Grid& grid, const Options& options) {
    Result result;
    Incumbent incumbent(grid, result);
    const Clock clock;
    const int narrow = std::min(grid.rows, grid.cols);
    const double work = Frontier::work(narrow, std::max(grid.rows, grid.cols), grid.labels);
    if (narrow == 1 || work <= options.exact_work) {
        if (!options.initial.empty()) incumbent.offer(options.initial);
        if (!solve_exactly(grid, options, incumbent)) incumbent.offer(Labelling(grid.nodes(), 0));
        result.history.push_back({0.0, clock.seconds(), result.lower_bound, result.energy});
        return result;
    }
    Search(grid, options, result, incumbent).run();
    return result;
}

}  // namespace metafast::mrf

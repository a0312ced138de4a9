#include "mrf/solver.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "mrf/certificate.hpp"
#include "mrf/dual.hpp"
#include "mrf/energy.hpp"
#include "mrf/frontier.hpp"
#include "mrf/strips.hpp"

namespace metafast::mrf {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// One float64 addition of a strip costs about as much as this many lane additions of the dual.
constexpr double kStripCost = 2.0;
// Strips may use this share of the work of the dual.
constexpr double kStripShare = 1.0;
// Passes before the first labelling is worth improving.
constexpr long kFirstStrips = 20;
// Rounds of the float64 search that turns agreement in float32 into a proof.
constexpr int kProofRounds = 60;

class Clock {
public:
    double seconds() const {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    }

private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// The best labelling and the best bound so far.
class Incumbent {
public:
    Incumbent(const Grid& grid, Result& result) : grid_(grid), result_(result) {
        result.energy = kInfinity;
        result.lower_bound = -kInfinity;
    }

    void offer(const Labelling& labelling) {
        const CompensatedSum sum = energy(grid_, labelling);
        if (!result_.labelling.empty() && !(sum.upper() < result_.energy)) return;
        result_.labelling = labelling;
        result_.energy = sum.upper();
        energy_margin_ = result_.energy - sum.value();
        judge();
    }

    void offer_bound(double bound, double margin) {
        if (!(bound > result_.lower_bound)) return;
        result_.lower_bound = bound;
        bound_margin_ = margin;
        judge();
    }

    double gap() const {
        if (std::isinf(result_.energy)) return kInfinity;
        const double difference = result_.energy - result_.lower_bound;
        return difference / std::max(std::fabs(result_.energy), 1e-300);
    }

private:
    // Twice the margins: what rounding may hide on either side.
    void judge() {
        const double rounding = 2.0 * (bound_margin_ + energy_margin_);
        result_.optimal = std::isfinite(result_.energy) &&
                          result_.energy - result_.lower_bound <= rounding;
    }

    const Grid& grid_;
    Result& result_;
    double energy_margin_ = 0.0;
    double bound_margin_ = 0.0;
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

// A few Polyak steps in float64 towards the known energy. Where rows and columns agree but for
// float32 rounding, they reach agreement, and with it a proof of optimality.
void prove(const Grid& grid, std::vector<double> multipliers, ThreadPool& pool, Result& result,
           Incumbent& incumbent, const std::function<bool()>& should_stop) {
    const std::size_t labels = grid.labels;
    for (int round = 0; round < kProofRounds && !should_stop(); ++round) {
        const Certificate certificate = certify(grid, multipliers, pool);
        const double bound = certificate.bound.lower();
        incumbent.offer_bound(bound, certificate.margin);
        incumbent.offer(certificate.rows);
        std::size_t disagreements = 0;
        for (std::size_t i = 0; i < grid.nodes(); ++i) {
            disagreements += certificate.rows[i] != certificate.cols[i];
        }
        if (result.optimal || disagreements == 0 || std::isinf(bound)) return;
        const double step = (result.energy - bound) / (2.0 * static_cast<double>(disagreements));
        for (std::size_t i = 0; i < grid.nodes(); ++i) {
            if (certificate.rows[i] == certificate.cols[i]) continue;
            multipliers[i * labels + certificate.rows[i]] += step;
            multipliers[i * labels + certificate.cols[i]] -= step;
        }
    }
}

class Search {
public:
    Search(const Grid& grid, const Options& options, Result& result, Incumbent& incumbent)
        : grid_(grid),
          options_(options),
          result_(result),
          incumbent_(incumbent),
          pool_(options.threads),
          finite_(penalised(grid, storage_)),
          dual_(grid, pool_),
          narrow_(finite_, 2, pool_),
          wide_(finite_, 3, pool_) {}

    void run() {
        if (!options_.initial.empty()) improve(options_.initial);
        incumbent_.offer(dual_.rows());
        record();
        long next_record = 8;
        while (!stop() && result_.iterations < options_.max_iterations && !done()) {
            dual_.iterate(result_.energy);
            ++result_.iterations;
            if (dual_.agreed()) {
                incumbent_.offer(dual_.rows());
                break;
            }
            if (result_.iterations >= kFirstStrips && strip_work() < kStripShare * dual_work()) {
                improve(turn_ ? dual_.rows() : dual_.cols());
                turn_ = !turn_;
            }
            const bool promising = near_gap(dual_.best());
            if (result_.iterations >= next_record || promising) {
                record();
                next_record = result_.iterations + 1 + result_.iterations / 4;
            }
        }
        finish();
    }

private:
    bool stop() {
        if (stopped_) return true;
        stopped_ = clock_.seconds() >= options_.time_limit ||
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

    double dual_work() const {
        return static_cast<double>(result_.iterations) * grid_.pairs() *
               (grid_.horizontal_edges() + grid_.vertical_edges());
    }

    double strip_work() const { return kStripCost * (narrow_.work() + wide_.work()); }

    void improve(Labelling labelling) {
        incumbent_.offer(labelling);
        const auto should_stop = [this] { return stop(); };
        narrow_.improve(labelling, should_stop);
        incumbent_.offer(labelling);
        wide_.improve(labelling, should_stop);
        incumbent_.offer(labelling);
    }

    void record() {
        const Certificate certificate = certify(grid_, dual_.multipliers(), pool_);
        incumbent_.offer_bound(certificate.bound.lower(), certificate.margin);
        asked_ = dual_.best();
        result_.history.push_back({static_cast<double>(result_.iterations), clock_.seconds(),
                                   result_.lower_bound, result_.energy});
    }

    void finish() {
        if (result_.iterations < kFirstStrips) improve(dual_.rows());
        if (!result_.optimal && result_.lower_bound < kInfinity) {
            record();
            if (incumbent_.gap() < 1e-5 && incumbent_.gap() > options_.gap) {
                prove(grid_, dual_.multipliers(), pool_, result_, incumbent_,
                      [this] { return stop(); });
            }
        }
        record();
    }

    const Grid& grid_;
    const Options& options_;
    Result& result_;
    Incumbent& incumbent_;
    Clock clock_;
    ThreadPool pool_;
    std::vector<double> storage_;
    Grid finite_;
    DualAscent dual_;
    StripSearch narrow_, wide_;
    bool turn_ = true;
    bool stopped_ = false;
    double asked_ = -kInfinity;  // the dual's value at the last record
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

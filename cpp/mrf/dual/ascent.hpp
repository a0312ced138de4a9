// Dual decomposition: concave maximisation of a bound by subgradients [53].
//
// Parts of the grid (chains, strips) that share nodes are solved apart; multipliers move costs from
// one copy of a node to the other until the copies agree. A subgradient is the difference of the
// copies' labels. Steps are Polyak's towards a moving level between the best value so far and the
// best energy known, with heavy-ball momentum; when the level proves out of reach it comes down.
//
// An ascent hands its multipliers on: to one over fewer labels, or to one over wider strips.
#pragma once

#include <cstddef>
#include <functional>
#include <limits>
#include <memory>

#include "mrf/dual/certificate.hpp"
#include "mrf/dual/lanes.hpp"
#include "mrf/model/cost_range.hpp"
#include "mrf/model/grid.hpp"

namespace metafast::mrf {

// How far above the best value the steps aim, in units of the tables.
struct Level {
    double best = -std::numeric_limits<double>::infinity();
    double reach = 0.0;      // 0: not known yet
    double milestone = 0.0;  // the best value when the reach was last judged
    double patience = 25.0;  // passes the reach is given to prove itself
    int since_milestone = 0;

    void start(double value, double energy, double scale);
    double target(double energy) const;

    // Takes the value of a pass.
    void judge(double value);
};

class Ascent {
public:
    virtual ~Ascent() = default;
    Ascent(const Ascent&) = delete;

    // One pass over all parts. `energy` is the best energy known (+inf if none); the level never
    // passes it.
    void iterate(double energy);

    bool agreed() const { return norm_ == 0.0; }

    // Best value so far: float32 arithmetic, not a certificate.
    double best() const { return level_.best; }

    // That of the multipliers saved.
    double saved() const { return saved_value_; }

    // How much more its steps aim at.
    double reach() const { return level_.reach; }

    // Lines of a part: 1 for chains.
    virtual int width() const = 0;

    // Makes an ascent that continues from the multipliers saved. To be called once this one is
    // gone: both together may not fit into memory.
    using Successor = std::function<std::unique_ptr<Ascent>()>;

    // Over fewer of the labels, at the same level. `range` is that of `fewer`.
    virtual Successor restricted(const Field& fewer, const CostRange& range) const = 0;

    // Over strips of so many lines along the longer side of the grid, at a new level.
    virtual Successor as_strips(int width) const = 0;

    // By subgradients from here on; none if it goes by them already.
    virtual Successor by_subgradients() const { return nullptr; }

    // Labels of the first or of the second copy of every node.
    virtual Labelling labelling(bool second) const = 0;

    // Of the best multipliers saved.
    virtual Certificate certify(const CertifyOptions& options) const = 0;

    // Nanoseconds of one pass on one thread, about: a count, so that schedules are reproducible.
    double work() const { return work_; }

protected:
    Ascent(const CostRange& range, double momentum, double work, const Level& level)
        : range_(range),
          base_(range.base.value()),
          scale_(range.scale()),
          momentum_(momentum),
          work_(work),
          level_(level) {}

    // Moves the multipliers and solves all parts.
    struct Outcome {
        double value;  // above the base, in units of the scale
        double norm;   // squared, of the subgradient
    };
    virtual Outcome pass(Step step) = 0;
    virtual void save() = 0;

    // To be called at the end of the constructor of what can `pass`.
    void start();

    void set_work(double work) { work_ = work; }

    const Level& level() const { return level_; }

    const CostRange range_;
    const double base_, scale_;

private:
    void take(const Outcome& outcome);

    double momentum_, work_;
    Level level_;
    double value_ = 0.0, norm_ = 0.0, saved_value_ = 0.0;
};

}  // namespace metafast::mrf

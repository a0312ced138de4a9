#include "mrf/dual/ascent.hpp"

#include <algorithm>
#include <cmath>

namespace metafast::mrf {

namespace {

// The reach grows after an advance of half of it. After `patience` passes without a quarter of it,
// it shrinks and patience lengthens, so that the reach falls a little faster than 1 / passes.
constexpr double kGrow = 1.3;
constexpr double kShrink = 0.5;
constexpr double kLonger = 1.5;

// Float32 does not resolve less.
constexpr double kLeastReach = 1e-7;

// An advance of this share of the reach, or of the gap, is worth saving the multipliers.
constexpr double kWorthSaving = 0.05;

}  // namespace

void Level::start(double value, double energy, double scale) {
    // Rounding may have carried the value above the energy.
    reach = std::isinf(energy) ? 0.1 * std::fabs(value) + scale
                               : std::max(energy - value, kLeastReach * scale);
}

double Level::target(double energy) const { return std::min(best + reach, energy); }

void Level::judge(double value) {
    best = std::max(best, value);
    ++since_milestone;
    const double advance = best - milestone;
    if (advance > 0.5 * reach) {
        reach *= kGrow;
    } else if (since_milestone < patience) {
        return;
    } else if (advance < 0.25 * reach) {
        reach *= kShrink;
        patience *= kLonger;
    }
    milestone = best;
    since_milestone = 0;
}

void Ascent::take(const Outcome& outcome) {
    value_ = base_ + scale_ * outcome.value;
    norm_ = outcome.norm;
}

void Ascent::start() {
    take(pass(Step{}));
    level_.best = level_.milestone = saved_value_ = value_;
    level_.since_milestone = 0;
}

void Ascent::iterate(double energy) {
    if (agreed()) return;
    if (level_.reach == 0.0) level_.start(value_ - base_, energy - base_, scale_);
    const double polyak =
        std::max(level_.target(energy) - value_, 0.0) / (scale_ * norm_);
    take(pass({static_cast<float>((1.0 - momentum_) * polyak), static_cast<float>(momentum_)}));

    level_.judge(value_);
    const double enough = kWorthSaving * std::min(level_.reach, energy - level_.best);
    if ((value_ == level_.best && value_ - saved_value_ > enough) || agreed()) {
        save();
        saved_value_ = value_;
    }
}

}  // namespace metafast::mrf

#include "mrf/search/incumbent.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "mrf/model/energy.hpp"

namespace metafast::mrf {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// No labelling is called optimal with a greater relative gap, however large the rounding.
constexpr double kOptimalGap = 1e-9;

// float64 holds all smaller multiples of a power of two.
constexpr double kMostSteps = 9007199254740992.0;  // 2^53

}  // namespace

Incumbent::Incumbent(const Grid& grid, double wanted_gap, Result& result)
    : grid_(grid), result_(result), wanted_gap_(wanted_gap) {
    result.energy = kInfinity;
    result.lower_bound = -kInfinity;
}

void Incumbent::offer(const Labelling& labelling) {
    const CompensatedSum sum = mrf::energy(grid_, labelling);
    if (!result_.labelling.empty() && !(sum.upper() < result_.energy)) return;
    result_.labelling = labelling;
    result_.energy = sum.upper();
    result_.size = std::max(std::fabs(result_.energy), sum.largest());
    energy_margin_ = result_.energy - sum.value();
    judge();
}

void Incumbent::offer_bound(double bound, double margin) {
    // greater ones are multiples already, and the quotient could overflow
    const bool rounds = std::fabs(bound) < kMostSteps * quantum_;
    if (rounds) bound = std::ceil(bound / quantum_) * quantum_;
    if (!(bound > result_.lower_bound)) return;
    result_.lower_bound = bound;
    bound_margin_ = margin;
    judge();
}

double Incumbent::gap() const {
    if (std::isinf(result_.energy)) return kInfinity;
    const double difference = result_.energy - result_.lower_bound;
    return difference / std::max(result_.size, 1e-300);
}

bool Incumbent::proved() const {
    return closed_ || result_.optimal || gap() <= wanted_gap_ || result_.lower_bound == kInfinity;
}

// Twice the margins: what rounding may hide on either side.
void Incumbent::judge() {
    const double rounding = 2.0 * (bound_margin_ + energy_margin_);
    result_.optimal = std::isfinite(result_.energy) && gap() <= kOptimalGap &&
                      result_.energy - result_.lower_bound <= rounding;
}

}  // namespace metafast::mrf

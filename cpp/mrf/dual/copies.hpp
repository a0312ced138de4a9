// The two copies of a cost under a multiplier, which together cost no more than it.
#pragma once

#include <cmath>
#include <limits>

namespace metafast::mrf {

// The greatest float64 known to be at most a - b.
inline double subtract_down(double a, double b) {
    const double difference = a - b;
    const double part = a - difference;
    const double error = (a - (difference + part)) + (part - b);
    constexpr double kDown = -std::numeric_limits<double>::infinity();
    return error < 0.0 ? std::nextafter(difference, kDown) : difference;
}

// Copies beyond it could overflow in sums. (Costs themselves add up to less than 1e300.)
constexpr double kMost = 1e290;

// The two copies of a cost. A multiplier that is no number, or absurdly large, counts as none.
inline double first_copy(double cost, double multiplier) {
    if (std::isinf(cost)) return cost;
    const double copy = 0.5 * cost + multiplier;
    return std::fabs(copy) < kMost ? copy : 0.5 * cost;
}

inline double second_copy(double cost, double multiplier) {
    return std::isinf(cost) ? cost : subtract_down(cost, first_copy(cost, multiplier));
}

}  // namespace metafast::mrf

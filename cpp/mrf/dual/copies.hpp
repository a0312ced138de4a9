// The two copies of a cost under a multiplier, and what chains and strips add to a certificate.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "mrf/dual/certificate.hpp"
#include "mrf/strips/strip_marginals.hpp"

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

// What one chain or strip contributes.
struct Part {
    CompensatedSum bound;
    double value = 0.0;  // without what was rounded down
};

inline Part solved(StripMarginals& strip, const std::vector<double>& rounded) {
    Part part{strip.bound(), strip.value()};
    for (const double cost : rounded) part.value += DBL_EPSILON * std::fabs(cost);
    return part;
}

inline Certificate added_up(const std::vector<Part>& parts) {
    Certificate result;
    CompensatedSum value;
    for (const Part& part : parts) {
        result.bound.add(part.bound);
        value.add(part.value);
    }
    result.margin = value.value() - result.bound.lower();
    return result;
}

// What is left of a certificate that was asked to stop.
inline Certificate void_certificate() {
    Certificate result;
    result.bound.add(-std::numeric_limits<double>::infinity());
    return result;
}

}  // namespace metafast::mrf

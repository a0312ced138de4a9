// Sums in float64 with a rigorous bound on their rounding error.
//
// Knuth's two-sum keeps the error of every addition; what is left uncertain is the rounding of the
// sum of those errors. An empty list of errors means the result is exact (integer costs, say).
#pragma once

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <limits>

namespace metafast::mrf {

class CompensatedSum {
public:
    void add(double value) {
        const double sum = sum_ + value;
        const double part = sum - sum_;
        const double error = (sum_ - (sum - part)) + (value - part);
        sum_ = sum;
        if (error != 0.0) {  // also true for NaN, after an infinity
            errors_ += error;
            exact_ = false;
        }
        magnitude_ += std::fabs(value);
        largest_ = std::max(largest_, std::fabs(value));
        ++terms_;
    }

    void add(const CompensatedSum& other) {
        const double terms = terms_ + other.terms_;
        const double magnitude = magnitude_ + other.magnitude_;
        const bool exact = exact_ && other.exact_;
        const double largest = std::max(largest_, other.largest_);
        add(other.sum_);
        errors_ += other.errors_;
        exact_ = exact_ && exact;
        terms_ = terms + 2;
        magnitude_ = magnitude;
        largest_ = largest;
    }

    double value() const { return std::isfinite(sum_) ? sum_ + errors_ : sum_; }

    // The largest |term|, which stays where the terms cancel.
    double largest() const { return largest_; }

    // |value() - exact sum| is at most this.
    double error_bound() const {
        if (exact_) return 0.0;
        const double slack = terms_ * 0.501 * DBL_EPSILON;  // n u / (1 - n u), u = eps / 2
        return DBL_EPSILON * std::fabs(value()) + slack * slack * magnitude_ + DBL_MIN;
    }

    // The least float64 numbers known to lie above (or the greatest below) the exact sum.
    double upper() const {
        if (exact_ || !std::isfinite(value())) return value();
        return std::nextafter(value() + error_bound(), std::numeric_limits<double>::infinity());
    }
    double lower() const {
        if (exact_ || !std::isfinite(value())) return value();
        return std::nextafter(value() - error_bound(), -std::numeric_limits<double>::infinity());
    }

private:
    double sum_ = 0.0;
    double errors_ = 0.0;
    double magnitude_ = 0.0;
    double largest_ = 0.0;
    double terms_ = 0.0;
    bool exact_ = true;
};

// Any path of `operations` additions and subtractions of non-negative terms that gave `value`: the
// exact result is at least this.
inline double deflate(double value, double operations) {
    return value * (1.0 - (operations + 2.0) * DBL_EPSILON);
}

}  // namespace metafast::mrf

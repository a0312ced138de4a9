// Limits of a search: passes, time, and the caller's wish to stop.
#pragma once

#include <chrono>
#include <cstdint>

#include "mrf/search/solver.hpp"

namespace metafast::mrf {

class Budget {
public:
    // Time runs from here on.
    explicit Budget(const Options& options) : options_(options) {}

    // Whether to stop at once: the time is up, or the caller says so. Once so, always so. Looks a
    // certificate's time ahead, so that the last one is ready at the time limit.
    bool poll_stop();

    // Whether no pass is left, or to stop at once.
    bool out() { return passes_ >= options_.max_iterations || poll_stop(); }

    std::int64_t passes() const { return passes_; }
    void count_pass() { ++passes_; }

    double seconds() const;  // since the start

    // What the next certificate is expected to take; then, if that will be so many times as much.
    void expect_certificate(double seconds) { certificate_seconds_ = seconds; }
    void scale_certificate(double factor) { certificate_seconds_ *= factor; }

private:
    const Options& options_;
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
    std::int64_t passes_ = 0;
    double certificate_seconds_ = 0.0;
    bool stopped_ = false;
};

}  // namespace metafast::mrf

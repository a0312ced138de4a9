#include "mrf/search/budget.hpp"

namespace metafast::mrf {

bool Budget::poll_stop() {
    if (stopped_) return true;
    stopped_ = seconds() + certificate_seconds_ >= options_.time_limit ||
               (options_.should_stop && options_.should_stop());
    return stopped_;
}

double Budget::seconds() const {
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start_;
    return passed.count();
}

}  // namespace metafast::mrf

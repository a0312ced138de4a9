// A poll for long loops that is asked once in so much work.
#pragma once

#include <functional>

namespace metafast {

class WorkPoll {
public:
    // `poll` may be empty; it must outlive this.
    WorkPoll(const std::function<bool()>& poll, double every) : poll_(poll), every_(every) {}

    // Counts the work, and asks where it is time to. Whether to stop; once so, always so.
    bool operator()(double work) {
        unasked_ += work;
        if (stopped_ || unasked_ < every_ || !poll_) return stopped_;
        unasked_ = 0.0;
        return stopped_ = poll_();
    }

    bool stopped() const { return stopped_; }

private:
    const std::function<bool()>& poll_;
    double every_, unasked_ = 0.0;
    bool stopped_ = false;
};

}  // namespace metafast

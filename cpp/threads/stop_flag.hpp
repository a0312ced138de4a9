// A stop flag that the calling thread polls and that all workers of a pool obey.
//
// The poll may need the calling thread (Python signals) and may throw; whoever asks the flag inside
// a long task ends soon after.
#pragma once

#include <atomic>
#include <functional>

namespace metafast {

class StopFlag {
public:
    // `poll` may be empty; it must outlive the flag.
    explicit StopFlag(const std::function<bool()>& poll) : poll_(poll) {}

    // Whether to stop. Worker 0, the calling thread, polls.
    bool operator()(int worker) {
        if (stopped_.load(std::memory_order_relaxed)) return true;
        if (worker != 0 || !poll_) return false;
        try {
            if (poll_()) stopped_.store(true);
        } catch (...) {
            stopped_.store(true);
            throw;
        }
        return stopped_.load();
    }

private:
    const std::function<bool()>& poll_;
    std::atomic<bool> stopped_{false};
};

}  // namespace metafast

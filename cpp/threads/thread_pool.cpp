#include "threads/thread_pool.hpp"

#include <system_error>
#include <utility>

namespace metafast {

namespace {

// A chain pass takes tens of microseconds, less than waking a sleeping thread: look this many times
// before sleeping.
constexpr int kSpins = 4000;

inline void relax() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ __volatile__("yield");
#endif
}

}  // namespace

ThreadPool::ThreadPool(int threads) {
    workers_.reserve(threads > 1 ? threads - 1 : 0);  // nothing may throw once a thread runs
    try {
        for (int worker = 1; worker < threads; ++worker) {
            workers_.emplace_back([this, worker] { work(worker); });
        }
    } catch (const std::system_error&) {
        // The system grants no more threads; results do not depend on how many there are.
    }
}

ThreadPool::~ThreadPool() {
    closing_.store(true);
    round_.fetch_add(1);
    round_.notify_all();
    for (auto& thread : workers_) thread.join();
}

void ThreadPool::claim_tasks(int worker) {
    for (;;) {
        const std::uint64_t ticket = tickets_.fetch_add(1);
        const int index = static_cast<int>(ticket & 0xffffffffu);
        if (index >= static_cast<int>(ticket >> 32)) return;
        try {
            (*task_)(index, worker);
        } catch (...) {
            keep_failure();
        }
        done_.fetch_add(1);
    }
}

void ThreadPool::keep_failure() {
    const std::lock_guard<std::mutex> lock(failure_mutex_);
    if (!failure_) failure_ = std::current_exception();
}

void ThreadPool::work(int worker) {
    std::uint32_t seen = 0;
    for (;;) {
        for (int spin = 0; spin < kSpins && round_.load() == seen; ++spin) relax();
        while (round_.load() == seen) round_.wait(seen);
        seen = round_.load();
        if (closing_.load()) return;
        claim_tasks(worker);
    }
}

void ThreadPool::run(int count, const std::function<void(int, int)>& task,
                     const std::function<void()>& while_waiting) {
    if (workers_.empty() || count < 2) {
        for (int index = 0; index < count; ++index) task(index, 0);
        return;
    }
    task_ = &task;
    done_.store(0);
    tickets_.store(static_cast<std::uint64_t>(count) << 32);
    round_.fetch_add(1);
    round_.notify_all();
    claim_tasks(0);
    for (int spin = 0; done_.load() < count; ++spin) {
        if (spin < kSpins) {
            relax();
            continue;
        }
        spin = kSpins;
        std::this_thread::yield();
        if (!while_waiting) continue;
        try {
            while_waiting();
        } catch (...) {
            keep_failure();
        }
    }
    if (failure_) {
        const auto failure = std::exchange(failure_, nullptr);
        std::rethrow_exception(failure);
    }
}

}  // namespace metafast

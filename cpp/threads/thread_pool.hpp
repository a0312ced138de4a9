// A small pool that runs numbered, independent tasks and waits for all of them.
//
// Tasks write to their own places only, so results do not depend on which worker takes which task,
// nor on how many workers there are.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace metafast {

class ThreadPool {
public:
    // `threads` counts the calling thread; 1 starts no thread at all. Fewer are started if the
    // system grants no more.
    explicit ThreadPool(int threads);
    ~ThreadPool();
    ThreadPool(const ThreadPool&) = delete;
    ThreadPool& operator=(const ThreadPool&) = delete;

    int size() const { return static_cast<int>(workers_.size()) + 1; }

    // Calls task(index, worker) for index 0..count-1, worker in 0..size()-1. The first exception
    // thrown by a task is rethrown here after all tasks have ended. Worker 0 is the calling thread;
    // when it has nothing left to do it calls `while_waiting`, if given, until the others end.
    void run(int count, const std::function<void(int, int)>& task,
             const std::function<void()>& while_waiting = nullptr);

private:
    void work(int worker);
    void claim_tasks(int worker);
    void keep_failure();

    std::vector<std::thread> workers_;
    const std::function<void(int, int)>* task_ = nullptr;
    // count << 32 | next index. One number, so that a worker that wakes late either finds nothing
    // left or takes a task of the present round: nobody ever waits for a sleeping worker.
    std::atomic<std::uint64_t> tickets_{0};
    std::atomic<int> done_{0};
    std::atomic<std::uint32_t> round_{0};
    std::atomic<bool> closing_{false};
    std::mutex failure_mutex_;
    std::exception_ptr failure_;
};

}  // namespace metafast

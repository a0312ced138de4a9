#include <gtest/gtest.h>

#include <atomic>
#include <numeric>
#include <stdexcept>

#include "threads/thread_pool.hpp"

#if defined(__linux__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define METAFAST_CAN_LIMIT_MEMORY
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#endif

using metafast::ThreadPool;

TEST(ThreadPool, RunsEveryTaskOnceInEveryRound) {
    for (const int threads : {1, 2, 4}) {
        ThreadPool pool(threads);
        std::vector<int> count(37);
        for (int round = 0; round < 200; ++round) {
            pool.run(37, [&](int task, int worker) {
                ASSERT_LT(worker, pool.size());
                ++count[task];
            });
        }
        for (const int c : count) EXPECT_EQ(c, 200);
    }
}

TEST(ThreadPool, NoTasksIsNoWork) {
    ThreadPool pool(3);
    pool.run(0, [](int, int) { FAIL(); });
}

TEST(ThreadPool, RethrowsAndStaysUsable) {
    ThreadPool pool(2);
    EXPECT_THROW(pool.run(50, [](int task, int) { if (task == 7) throw std::runtime_error("7"); }),
                 std::runtime_error);
    std::vector<int> done(10);
    pool.run(10, [&](int task, int) { done[task] = 1; });
    EXPECT_EQ(std::accumulate(done.begin(), done.end(), 0), 10);
}

TEST(ThreadPool, CallingThreadPollsWhileItWaits) {
    ThreadPool pool(2);
    std::atomic<bool> polled{false};
    std::atomic<int> running{0};
    pool.run(
        2,
        [&](int, int worker) {
            ++running;
            while (running < 2) std::this_thread::yield();
            while (worker != 0 && !polled) std::this_thread::yield();
        },
        [&] { polled = true; });
    EXPECT_TRUE(polled);
}

TEST(ThreadPool, RethrowsWhatThePollThrew) {
    ThreadPool pool(2);
    std::atomic<bool> polled{false};
    std::atomic<int> running{0};
    const auto task = [&](int, int worker) {
        ++running;
        while (running < 2) std::this_thread::yield();
        while (worker != 0 && !polled) std::this_thread::yield();
    };
    const auto poll = [&] {
        polled = true;
        throw std::runtime_error("interrupted");
    };
    EXPECT_THROW(pool.run(2, task, poll), std::runtime_error);
}

#ifdef METAFAST_CAN_LIMIT_MEMORY
TEST(ThreadPool, GoesOnWithTheThreadsItGets) {
    long pages = 0;
    std::FILE* file = std::fopen("/proc/self/statm", "r");
    ASSERT_NE(file, nullptr);
    ASSERT_EQ(std::fscanf(file, "%ld", &pages), 1);
    std::fclose(file);
    rlimit before;
    ASSERT_EQ(getrlimit(RLIMIT_AS, &before), 0);
    rlimit less = before;
    less.rlim_cur = static_cast<rlim_t>(pages) * sysconf(_SC_PAGESIZE) + (64u << 20);
    ASSERT_EQ(setrlimit(RLIMIT_AS, &less), 0);
    int size = 0, sum = 0;
    {
        ThreadPool pool(1000);  // 8 MB of stack each
        setrlimit(RLIMIT_AS, &before);
        size = pool.size();
        std::vector<int> done(100);
        pool.run(100, [&](int task, int) { done[task] = 1; });
        sum = std::accumulate(done.begin(), done.end(), 0);
    }
    EXPECT_LT(size, 1000);
    EXPECT_EQ(sum, 100);
}
#endif

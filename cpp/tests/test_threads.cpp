#include <gtest/gtest.h>

#include <numeric>
#include <stdexcept>

#include "threads/thread_pool.hpp"

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

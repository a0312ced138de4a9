#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>

#include "mrf/search/budget.hpp"

using namespace metafast::mrf;

TEST(Budget, IsOutAfterThePassesItHas) {
    Options options;
    options.max_iterations = 3;
    Budget budget(options);
    for (int pass = 0; pass < 3; ++pass) {
        EXPECT_FALSE(budget.out());
        budget.count_pass();
    }
    EXPECT_EQ(budget.passes(), 3);
    EXPECT_TRUE(budget.out());
    EXPECT_FALSE(budget.poll_stop());  // out of passes is no wish to stop at once
}

TEST(Budget, StopsWhenAskedAndAsksNoMore) {
    Options options;
    int asked = 0;
    options.should_stop = [&] { return ++asked == 2; };
    Budget budget(options);
    EXPECT_FALSE(budget.poll_stop());
    EXPECT_TRUE(budget.poll_stop());
    EXPECT_TRUE(budget.poll_stop());
    EXPECT_TRUE(budget.out());
    EXPECT_EQ(asked, 2);
}

TEST(Budget, KeepsTimeForTheLastCertificate) {
    Options options;
    options.time_limit = 1000.0;
    Budget budget(options);
    budget.expect_certificate(10.0);
    EXPECT_FALSE(budget.poll_stop());
    budget.scale_certificate(2.0);
    EXPECT_FALSE(budget.poll_stop());
    budget.scale_certificate(50.0);
    EXPECT_TRUE(budget.poll_stop());
    budget.expect_certificate(0.0);
    EXPECT_TRUE(budget.poll_stop());  // once so, always so
}

TEST(Budget, KeepsTheTimeLimit) {
    Options options;
    options.time_limit = 0.02;
    Budget budget(options);
    EXPECT_FALSE(budget.out());
    while (budget.seconds() < 0.02) std::this_thread::yield();
    EXPECT_TRUE(budget.out());
}

TEST(Budget, LetsThroughWhatThePollThrows) {
    Options options;
    options.should_stop = []() -> bool { throw std::runtime_error("interrupted"); };
    Budget budget(options);
    EXPECT_THROW(budget.out(), std::runtime_error);
}

#include <gtest/gtest.h>

#include "threads/work_poll.hpp"

using metafast::WorkPoll;

TEST(WorkPoll, AsksOnceInSoMuchWork) {
    int asked = 0;
    const std::function<bool()> poll = [&] { return ++asked, false; };
    WorkPoll stop(poll, 10.0);
    for (int i = 0; i < 100; ++i) EXPECT_FALSE(stop(1.0));
    EXPECT_EQ(asked, 10);
    EXPECT_FALSE(stop(1000.0));
    EXPECT_EQ(asked, 11);
}

TEST(WorkPoll, StaysStoppedAndAsksNoMore) {
    int asked = 0;
    const std::function<bool()> poll = [&] { return ++asked == 2; };
    WorkPoll stop(poll, 1.0);
    EXPECT_FALSE(stop(1.0));
    EXPECT_FALSE(stop.stopped());
    EXPECT_TRUE(stop(1.0));
    EXPECT_TRUE(stop(0.0));
    EXPECT_TRUE(stop.stopped());
    EXPECT_EQ(asked, 2);
}

TEST(WorkPoll, WithoutAPollNothingStops) {
    const std::function<bool()> none;
    WorkPoll stop(none, 1.0);
    EXPECT_FALSE(stop(1e9));
}

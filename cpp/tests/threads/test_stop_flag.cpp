#include <gtest/gtest.h>

#include <stdexcept>

#include "threads/stop_flag.hpp"

using metafast::StopFlag;

TEST(StopFlag, OnlyTheCallingThreadPollsAndAllObey) {
    bool wanted = false;
    const std::function<bool()> poll = [&] { return wanted; };
    StopFlag stop(poll);
    EXPECT_FALSE(stop(0));
    wanted = true;
    EXPECT_FALSE(stop(1));
    EXPECT_TRUE(stop(0));
    EXPECT_TRUE(stop(1));
}

TEST(StopFlag, StaysOnceSet) {
    bool wanted = true;
    int polls = 0;
    const std::function<bool()> poll = [&] { return ++polls, wanted; };
    StopFlag stop(poll);
    EXPECT_TRUE(stop(0));
    wanted = false;
    EXPECT_TRUE(stop(0));
    EXPECT_EQ(polls, 1);
}

TEST(StopFlag, WithoutAPollNobodyStops) {
    const std::function<bool()> none;
    StopFlag stop(none);
    EXPECT_FALSE(stop(0));
    EXPECT_FALSE(stop(3));
}

TEST(StopFlag, AThrowingPollStopsTheOthersToo) {
    const std::function<bool()> poll = []() -> bool { throw std::runtime_error("interrupted"); };
    StopFlag stop(poll);
    EXPECT_THROW(stop(0), std::runtime_error);
    EXPECT_TRUE(stop(1));
}

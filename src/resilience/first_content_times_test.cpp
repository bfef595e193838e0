#include "resilience/first_content_times.hpp"

#include <gtest/gtest.h>

namespace evenkeel {
namespace {

using namespace std::chrono_literals;

TEST(FirstContentTimes, say_nothing_before_there_are_enough) {
    FirstContentTimes times;
    for (std::size_t i = 0; i + 1 < FirstContentTimes::samples_min; ++i) {
        times.add(100ms, 10);
        EXPECT_FALSE(times.p95());
    }
    times.add(100ms, 10);
    EXPECT_EQ(times.p95(), 100ms);
}

TEST(FirstContentTimes, the_95th_of_a_hundred_is_the_nearest_rank) {
    FirstContentTimes times;
    for (int i = 1; i <= 20; ++i) times.add(Millis{i}, 10);
    EXPECT_EQ(times.p95(), 19ms);
}

TEST(FirstContentTimes, only_the_last_ones_count) {
    FirstContentTimes times;
    for (int i = 0; i < 100; ++i) times.add(5s, 10);
    for (std::size_t i = 0; i < FirstContentTimes::kept; ++i) times.add(50ms, 10);
    EXPECT_EQ(times.p95(), 50ms);
    // Four of 64 are more than five in a hundred.
    for (int i = 0; i < 4; ++i) times.add(2s, 10);
    EXPECT_EQ(times.p95(), 2s);
}

TEST(FirstContentTimes, a_much_longer_question_is_another_matter) {
    FirstContentTimes times;
    EXPECT_FALSE(times.know(1));
    times.add(50ms, 1'000);
    EXPECT_TRUE(times.know(2'000));
    EXPECT_FALSE(times.know(2'001));
}

}  // namespace
}  // namespace evenkeel

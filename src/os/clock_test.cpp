#include "os/clock.hpp"

#include <gtest/gtest.h>

namespace evenkeel::os {
namespace {

TEST(SystemClock, monotonic_time_never_goes_back) {
    const SystemClock clock;
    Instant before = clock.now();
    for (int i = 0; i < 1'000; ++i) {
        const Instant now = clock.now();
        ASSERT_GE(now, before);
        before = now;
    }
}

TEST(SystemClock, wall_time_is_utc_of_this_century) {
    using namespace std::chrono;
    const SystemClock clock;
    EXPECT_GT(clock.wall(), WallTime{sys_days{year{2025} / 1 / 1}});
    EXPECT_LT(clock.wall(), WallTime{sys_days{year{2100} / 1 / 1}});
}

}  // namespace
}  // namespace evenkeel::os

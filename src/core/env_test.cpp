#include "core/env.hpp"

#include <gtest/gtest.h>

#include "testing/sim.hpp"

namespace evenkeel {
namespace {

TEST(Random, unit_stays_in_its_range_and_uses_it) {
    testing::SeededRandom random(3);
    double low = 1, high = 0;
    for (int i = 0; i < 10'000; ++i) {
        const double value = random.unit();
        ASSERT_GE(value, 0.0);
        ASSERT_LT(value, 1.0);
        low = std::min(low, value);
        high = std::max(high, value);
    }
    EXPECT_LT(low, 0.01);
    EXPECT_GT(high, 0.99);
}

TEST(Random, jitter_stays_within_its_share) {
    testing::SeededRandom random(4);
    Nanos low = Nanos::max(), high{0};
    for (int i = 0; i < 10'000; ++i) {
        const Nanos value = random.jittered(Seconds{10}, 0.2);
        low = std::min(low, value);
        high = std::max(high, value);
    }
    EXPECT_GE(low, Seconds{8});
    EXPECT_LE(high, Seconds{12});
    EXPECT_LT(low, Millis{8'100});
    EXPECT_GT(high, Millis{11'900});
}

}  // namespace
}  // namespace evenkeel

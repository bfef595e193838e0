#include "os/entropy.hpp"

#include <gtest/gtest.h>

#include <set>

namespace evenkeel::os {
namespace {

TEST(SecureBytes, fills_the_whole_span_anew_each_time) {
    std::array<std::byte, 4096> a{}, b{};
    secure_bytes(a);
    secure_bytes(b);
    EXPECT_NE(a, b);
    // A page of honest random bytes holds nearly every value; a page that was filled in part does not.
    const std::span tail = std::span(a).last(1024);
    EXPECT_GT(std::set<std::byte>(tail.begin(), tail.end()).size(), 200u);
}

TEST(SystemRandom, two_of_them_differ_and_each_spreads_evenly) {
    SystemRandom a, b;
    EXPECT_NE(a.bits(), b.bits());
    double sum = 0;
    for (int i = 0; i < 10'000; ++i) sum += a.unit();
    // The mean of 10,000 even draws leaves 0.5 ± 0.05 by chance once in 10^60 runs.
    EXPECT_NEAR(sum / 10'000, 0.5, 0.05);
}

}  // namespace
}  // namespace evenkeel::os

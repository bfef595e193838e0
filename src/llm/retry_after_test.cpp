#include "llm/retry_after.hpp"

#include <gtest/gtest.h>

namespace evenkeel {
namespace {

using namespace std::chrono_literals;
using namespace std::chrono;

constexpr WallTime now = sys_days{year{2026} / 11 / 22} + 18h + 36min + 19s;

TEST(RetryAfter, takes_seconds_whole_or_with_a_fraction) {
    EXPECT_EQ(parse_retry_after("0", now), 0ms);
    EXPECT_EQ(parse_retry_after("30", now), 30s);
    EXPECT_EQ(parse_retry_after(" 1.5 ", now), 1500ms);
    EXPECT_EQ(parse_retry_after("0.0001", now), 1ms) << "never earlier than asked";
    EXPECT_EQ(parse_retry_after("20620", now), 20'620s);
}

TEST(RetryAfter, takes_all_three_forms_of_an_http_date) {
    EXPECT_EQ(parse_retry_after("Sun, 22 Nov 2026 18:36:49 GMT", now), 30s);
    EXPECT_EQ(parse_retry_after("Sunday, 22-Nov-26 18:37:19 GMT", now), 60s);
    EXPECT_EQ(parse_retry_after("Sun Nov 22 19:36:19 2026", now), 1h);
    EXPECT_EQ(parse_retry_after("Tue Dec  1 00:00:00 2026", now), retry_after_max);
    EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", now), 0ms) << "a time that is over";
}

TEST(RetryAfter, caps_at_a_day) {
    EXPECT_EQ(parse_retry_after("86400", now), 24h);
    EXPECT_EQ(parse_retry_after("999999999999", now), 24h);
}

TEST(RetryAfter, ignores_what_only_looks_like_it) {
    for (const std::string_view other : {"",
                                         "-1",
                                         "6m0s",
                                         "12ms",
                                         "1e3",
                                         "soon",
                                         "30 s",
                                         "30,5",
                                         "0x10",
                                         "nan",
                                         "inf",
                                         "Sun, 22 Nov 2026 18:36:49",
                                         "Sun, 32 Nov 2026 18:36:49 GMT",
                                         "Sun, 22 Foo 2026 18:36:49 GMT",
                                         "Sun, 22 Nov 2026 24:36:49 GMT",
                                         ",",
                                         "Sun,",
                                         "Sun, 22 Nov 2026 18:36:49 GMT+1",
                                         "Sun Nov 22",
                                         "Sun Feb 30 00:00:00 2026"})
        EXPECT_EQ(parse_retry_after(other, now), std::nullopt) << other;
}

TEST(RetryAfter, takes_milliseconds_from_their_own_header) {
    EXPECT_EQ(parse_retry_after_ms("250"), 250ms);
    EXPECT_EQ(parse_retry_after_ms("0.5"), 1ms);
    EXPECT_EQ(parse_retry_after_ms("999999999999"), 24h);
    EXPECT_EQ(parse_retry_after_ms("-5"), std::nullopt);
    EXPECT_EQ(parse_retry_after_ms("5s"), std::nullopt);
    EXPECT_EQ(parse_retry_after_ms(""), std::nullopt);
}

}  // namespace
}  // namespace evenkeel

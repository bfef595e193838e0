#include "store/sqlite_usage.hpp"

#include <gtest/gtest.h>

#include <array>
#include <chrono>

// What every engine promises is tested by testing/store_suite_usage.cpp; here is what only this one can show.
namespace evenkeel::sqlite {
namespace {

using namespace std::chrono_literals;
constexpr WallTime now{Millis{1'767'225'600'000}};

TEST(Usage, lines_that_fail_leave_neither_usage_nor_ledger) {
    Session session({.file = ":memory:"});
    SqliteUsage usage(session);
    const UsageLine good{.key = Id{{1}}, .provider = "p", .model = "m", .start = now, .tries = 1};
    UsageLine not_a_minute = good;
    not_a_minute.start += 1ms;
    EXPECT_FALSE(usage.add_usage(std::array{good, not_a_minute}));
    EXPECT_EQ(session.db().integer("SELECT count(*) FROM usage"), 0);
    EXPECT_EQ(session.db().integer("SELECT count(*) FROM ledger"), 0);
}

TEST(Usage, a_folded_day_is_one_row) {
    Session session({.file = ":memory:"});
    SqliteUsage usage(session);
    for (int minute = 0; minute < 10; ++minute)
        ASSERT_TRUE(usage.add_usage(std::array{
            UsageLine{.key = Id{{1}}, .provider = "p", .model = "m", .start = now + minute * 1min, .tries = 1}}));
    EXPECT_EQ(session.db().integer("SELECT count(*) FROM usage"), 10);
    EXPECT_EQ(usage.retire_usage(now + 48h, now - 48h, now + 48h).value(), 10u);
    EXPECT_EQ(session.db().integer("SELECT count(*) FROM usage"), 1);
    EXPECT_EQ(session.db().integer("SELECT tries FROM usage WHERE minutes = 1440"), 10);
}

}  // namespace
}  // namespace evenkeel::sqlite

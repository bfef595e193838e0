#include "store/sqlite_desk.hpp"

#include <gtest/gtest.h>

#include "store/sqlite_queue.hpp"
#include "testing/sim.hpp"

// What every engine promises is tested by testing/store_suite_desk.cpp; here is what only this one can show.
namespace evenkeel::sqlite {
namespace {

constexpr WallTime now{Millis{1'767'225'600'000}};

TEST(Desk, one_sweep_is_bounded_and_the_next_goes_on) {
    testing::Sim sim;
    IdMaker ids(sim.env());
    Session session({.file = ":memory:"});
    SqliteQueue queue(session);
    SqliteDesk desk(session);
    ASSERT_TRUE(session.begin_group());
    for (int i = 0; i < sweep_max + 7; ++i)
        ASSERT_TRUE(
            queue.accept({.conversation = std::to_string(i % 3), .text = "text", .ttl = Millis{1}}, ids.next(), now));
    ASSERT_TRUE(session.commit_group());
    EXPECT_EQ(desk.sweep(now + Millis{1}).value(), static_cast<std::size_t>(sweep_max));
    EXPECT_EQ(desk.sweep(now + Millis{1}).value(), 7u);
    EXPECT_EQ(desk.sweep(now + Millis{1}).value(), 0u);
    EXPECT_EQ(session.tally().open, 0);
}

}  // namespace
}  // namespace evenkeel::sqlite

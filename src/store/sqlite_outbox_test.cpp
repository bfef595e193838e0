#include "store/sqlite_outbox.hpp"

#include <gtest/gtest.h>

#include "store/sqlite_queue.hpp"
#include "testing/sim.hpp"

// What every engine promises is tested by testing/store_suite_outbox.cpp; here is what only this one can show.
namespace evenkeel::sqlite {
namespace {

constexpr WallTime now{Millis{1'767'225'600'000}};

TEST(Outbox, a_damaged_answer_becomes_a_notice_and_is_never_shown) {
    testing::Sim sim;
    IdMaker ids(sim.env());
    Session session({.file = ":memory:"});
    SqliteQueue queue(session);
    SqliteOutbox outbox(session);
    ASSERT_TRUE(queue.accept({.conversation = "c", .text = "asked"}, ids.next(), now));
    ASSERT_TRUE(queue.complete(queue.claim({}, now).value().at(0), {.text = "told"}, now));
    session.db().script("UPDATE answer SET body = CAST('tolD' AS BLOB)");
    const auto waiting = outbox.pending("terminal", "local", "", 9).value();
    ASSERT_EQ(waiting.size(), 1u);
    EXPECT_EQ(waiting[0].kind, Delivery::Kind::dead);
    EXPECT_FALSE(waiting[0].answer);
    EXPECT_EQ(waiting[0].text.find("tolD"), std::string::npos);
    EXPECT_EQ(waiting[0].question, "asked");
}

}  // namespace
}  // namespace evenkeel::sqlite

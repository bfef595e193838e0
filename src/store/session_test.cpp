#include "store/session.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/failpoint.hpp"
#include "store/sqlite_engine.hpp"
#include "testing/scratch_directory.hpp"
#include "testing/sim.hpp"

namespace evenkeel::sqlite {
namespace {

struct SessionTest : ::testing::Test {
    Result<void> remember(std::string_view name) {
        return session.write(Operation::other, [&] {
            session.tally().open += 1;
            session.db().run("INSERT INTO fact VALUES (?, 'x')", name);
        });
    }
    std::int64_t facts() { return session.db().integer("SELECT count(*) FROM fact"); }
    testing::ScratchDirectory directory;
    Session session{{.file = directory.file("a.db")}};
};

TEST_F(SessionTest, what_a_call_did_is_undone_when_it_fails) {
    EXPECT_TRUE(remember("a"));
    const auto failed = session.write(Operation::other, [&] {
        session.db().run("INSERT INTO fact VALUES ('b', 'x')");
        session.tally().open += 1;
        refuse_write(Error{.cls = ErrorClass::request, .code = "no"});
    });
    EXPECT_EQ(failed.error().code, "no");
    EXPECT_EQ(facts(), 1);
    EXPECT_EQ(session.tally().open, 1);
    EXPECT_TRUE(remember("b")) << "and the session goes on";
}

TEST_F(SessionTest, a_member_that_fails_leaves_its_group_alone) {
    ASSERT_TRUE(session.begin_group());
    EXPECT_TRUE(remember("a"));
    EXPECT_FALSE(remember("a")) << "the name is taken";
    EXPECT_TRUE(remember("b"));
    ASSERT_TRUE(session.commit_group());
    EXPECT_EQ(facts(), 2);
    EXPECT_EQ(session.tally().open, 2);
}

TEST_F(SessionTest, values_come_out_of_transactions) {
    EXPECT_EQ(session.write(Operation::other, [] { return 7; }).value(), 7);
    EXPECT_EQ(session.read([&] { return session.db().integer("SELECT 8"); }).value(), 8);
}

TEST_F(SessionTest, a_checkpoint_inside_a_group_waits) {
    ASSERT_TRUE(session.begin_group());
    ASSERT_TRUE(remember("a"));
    session.wipe_log_soon();
    EXPECT_TRUE(session.checkpoint());
    ASSERT_TRUE(session.commit_group());
    EXPECT_GT(session.db().log_pages(), 0);
    EXPECT_TRUE(session.checkpoint());
    EXPECT_EQ(session.db().log_pages(), 0);
}

TEST_F(SessionTest, the_log_stays_within_its_budget) {
    const std::string text(10'000, 'x');
    const std::int64_t pages_max = session.options().log_bytes_max / 4096;
    for (int i = 0; i < 2'000; ++i) {
        ASSERT_TRUE(session.write(
            Operation::other, [&] { session.db().run("INSERT OR REPLACE INTO fact VALUES (?, ?)", i % 50, text); }));
        ASSERT_TRUE(session.checkpoint());
        ASSERT_LE(session.db().log_pages(), pages_max);
    }
    EXPECT_LT(std::filesystem::file_size(directory.file("a.db-wal")), 2u * 4'194'304u);
}

std::vector<std::string> hits;

TEST(StoreFailpoints, each_name_in_the_list_is_used) {
    hits.clear();
    std::string all;
    for (const std::string_view name : failpoint_names)
        if (name.starts_with("store.")) all += (all.empty() ? "" : ",") + std::string(name);
    ASSERT_TRUE(arm_failpoints(all, [](std::string_view name) noexcept { hits.emplace_back(name); }));
    const testing::ScratchDirectory directory;
    constexpr WallTime now{Millis{1'767'225'600'000}};
    testing::Sim sim;
    IdMaker ids(sim.env());
    auto engine = open_sqlite({.file = directory.file("a.db"), .log_bytes_max = 1}, now).value();
    for (const char* name : {"a", "b", "c"})
        ASSERT_TRUE(engine->queue().accept({.conversation = name, .text = "text"}, ids.next(), now));
    const auto leases = engine->queue().claim({.jobs_max = 3}, now).value();
    const Error why{.cls = ErrorClass::transient};
    ASSERT_TRUE(engine->queue().extend(leases.at(0), "so far", now));
    ASSERT_TRUE(engine->queue().complete(leases.at(0), {.text = "told"}, now));
    ASSERT_TRUE(engine->queue().release(leases.at(1), why, {}, now, now));
    ASSERT_TRUE(engine->queue().bury(leases.at(2), JobState::dead, why, {}, "notice", now));
    ASSERT_TRUE(engine->outbox().shown(leases.at(0).id, now));
    ASSERT_TRUE(engine->checkpoint());
    disarm_failpoints();
    for (const std::string_view name : failpoint_names)
        if (name.starts_with("store.")) EXPECT_THAT(hits, ::testing::Contains(name));
}

}  // namespace
}  // namespace evenkeel::sqlite

#include "store/sqlite_queue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/views.hpp"
#include "testing/sim.hpp"

// What every engine promises is tested by testing/store_suite_queue.cpp; here is what only this one can show.
namespace evenkeel::sqlite {
namespace {

constexpr WallTime now{Millis{1'767'225'600'000}};

struct Queue : ::testing::Test {
    void accept(std::string conversation) {
        EXPECT_TRUE(queue.accept({.conversation = std::move(conversation), .text = "text"}, ids.next(), now));
    }
    testing::Sim sim;
    IdMaker ids{sim.env()};
    Session session{{.file = ":memory:"}};
    SqliteQueue queue{session};
};

TEST_F(Queue, a_damaged_question_is_never_asked_and_blocks_nobody) {
    accept("a");
    accept("a");
    session.db().script("UPDATE message SET body = CAST('tExt' AS BLOB) WHERE number = 1");
    EXPECT_TRUE(queue.claim({.jobs_max = 9}, now).value().empty());
    EXPECT_EQ(load_view(session, 1).state, JobState::dead);
    EXPECT_EQ(session.db().integer("SELECT count(*) FROM outbox WHERE number = 1 AND kind = 'dead'"), 1);
    EXPECT_EQ(queue.claim({.jobs_max = 9}, now).value().size(), 1u) << "the next in its conversation";
}

TEST_F(Queue, looking_for_work_walks_an_index_in_its_order) {
    const std::string plan = [&] {
        std::string text;
        auto row = session.db().query(
            "EXPLAIN QUERY PLAN SELECT number FROM job WHERE head = 1 AND state = 'queued' AND run_at <= ?1 AND "
            "(crashes >= ?2) = ?3 AND expires_at > ?1 ORDER BY turn, number LIMIT ?4",
            1, 1, 1, 1);
        while (row.step()) text += row.text(3) + "\n";
        return text;
    }();
    EXPECT_THAT(plan, ::testing::HasSubstr("job_claim"));
    EXPECT_THAT(plan, ::testing::Not(::testing::HasSubstr("TEMP B-TREE"))) << "nothing is sorted";
}

TEST_F(Queue, a_claim_gives_no_more_than_its_bound) {
    for (std::size_t i = 0; i < claims_max + 5; ++i) accept(std::to_string(i));
    EXPECT_EQ(queue.claim({.jobs_max = 10'000}, now).value().size(), claims_max);
}

TEST_F(Queue, the_partial_text_is_cut_at_its_bound_between_letters) {
    accept("a");
    const Lease lease = queue.claim({}, now).value().at(0);
    std::string partial(partial_bytes_max - 1, 'x');
    partial += "ü";
    ASSERT_TRUE(queue.extend(lease, partial, now + Millis{1}));
    EXPECT_EQ(load_view(session, 1).partial.size(), partial_bytes_max - 1);
}

}  // namespace
}  // namespace evenkeel::sqlite

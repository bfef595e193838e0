#include "store/jobs.hpp"

#include <gtest/gtest.h>

#include "store/sqlite_queue.hpp"
#include "testing/sim.hpp"

namespace evenkeel::sqlite {
namespace {

constexpr WallTime now{Millis{1'767'225'600'000}};

struct Jobs : ::testing::Test {
    Id accept(std::string conversation) {
        const Id id = ids.next();
        EXPECT_TRUE(queue.accept({.conversation = std::move(conversation), .text = "text"}, id, now));
        return id;
    }
    bool is_head(const Id& id) { return find_job(session, id)->head; }
    testing::Sim sim;
    IdMaker ids{sim.env()};
    Session session{{.file = ":memory:"}};
    SqliteQueue queue{session};
};

TEST_F(Jobs, the_head_is_always_the_oldest_open_message) {
    const Id a = accept("c"), b = accept("c"), other = accept("d");
    EXPECT_TRUE(is_head(a));
    EXPECT_FALSE(is_head(b));
    EXPECT_TRUE(is_head(other));
    end_job(session, *find_job(session, b), JobState::cancelled, "", now);
    EXPECT_TRUE(is_head(a));
    const Id c = accept("c");
    end_job(session, *find_job(session, a), JobState::cancelled, "", now);
    EXPECT_TRUE(is_head(c));
    EXPECT_EQ(session.tally().open, 2);
}

TEST_F(Jobs, a_working_head_stays_the_head) {
    const Id a = accept("c");
    accept("c");
    ASSERT_TRUE(queue.claim_one(a, {}, now).value());
    choose_head(session, find_job(session, a)->conversation);
    EXPECT_TRUE(is_head(a));
}

TEST_F(Jobs, a_foreign_job_is_not_found) {
    const Id a = accept("c");
    EXPECT_TRUE(find_job(session, a, "local"));
    EXPECT_FALSE(find_job(session, a, "another"));
    EXPECT_THROW(need_job(session, "another", a), Failure);
}

TEST_F(Jobs, the_third_crash_ends_it_and_the_second_does_not) {
    const Id a = accept("c");
    for (int crash = 1; crash <= 3; ++crash) {
        ASSERT_TRUE(queue.claim_one(a, {.suspects = true}, now).value());
        give_up_or_requeue(session, *find_job(session, a), now);
        EXPECT_EQ(find_job(session, a)->state, crash < 3 ? JobState::queued : JobState::dead);
    }
    EXPECT_EQ(session.db().integer("SELECT count(*) FROM outbox WHERE kind = 'dead'"), 1);
}

TEST_F(Jobs, how_many_crashes_end_it_is_a_setting) {
    Session patient{{.file = ":memory:", .crashes_max = 5}};
    SqliteQueue line{patient};
    const Id a = ids.next();
    ASSERT_TRUE(line.accept({.conversation = "c", .text = "text"}, a, now));
    for (int crash = 1; crash <= 5; ++crash) {
        ASSERT_TRUE(line.claim_one(a, {.suspects = true}, now).value());
        give_up_or_requeue(patient, *find_job(patient, a), now);
        EXPECT_EQ(find_job(patient, a)->state, crash < 5 ? JobState::queued : JobState::dead);
    }
    auto notice = patient.db().query("SELECT notice FROM outbox WHERE kind = 'dead'");
    ASSERT_TRUE(notice.step());
    EXPECT_NE(notice.text(0).find("5 times"), std::string::npos) << notice.text(0);
}

TEST_F(Jobs, tries_of_several_claims_are_kept_in_order) {
    const Id a = accept("c");
    const std::int64_t number = find_job(session, a)->number;
    const std::vector<Attempt> first{{.provider = "one", .outcome = Attempt::Outcome::failed}};
    const std::vector<Attempt> second{{.provider = "two", .outcome = Attempt::Outcome::answered}};
    record_tries(session, number, first, now);
    record_tries(session, number, second, now);
    EXPECT_EQ(session.db().integer("SELECT n FROM try WHERE provider = 'two'"), 2);
    EXPECT_EQ(session.db().integer("SELECT sum(tries) FROM ledger"), 2);
}

TEST_F(Jobs, a_body_under_the_wrong_number_does_not_pass) {
    accept("c");
    const std::int64_t sum = session.db().integer("SELECT checksum FROM message WHERE number = 1");
    EXPECT_EQ(verified(question_kind, 1, sum, "text", Id{}), "text");
    EXPECT_THROW(verified(question_kind, 2, sum, "text", Id{}), Failure);
    EXPECT_THROW(verified(answer_kind, 1, sum, "text", Id{}), Failure);
    EXPECT_THROW(verified(question_kind, 1, sum, "texT", Id{}), Failure);
}

}  // namespace
}  // namespace evenkeel::sqlite

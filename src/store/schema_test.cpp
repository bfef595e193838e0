#include "store/schema.hpp"

#include <gtest/gtest.h>

#include <array>
#include <filesystem>

#include "testing/scratch_directory.hpp"

namespace evenkeel::sqlite {
namespace {

constexpr std::array<std::string_view, 2> two_steps{"CREATE TABLE a (x)",
                                                    "CREATE TABLE b (x); INSERT INTO b VALUES (1)"};
constexpr std::array<std::string_view, 2> broken_step{"CREATE TABLE a (x)",
                                                      "CREATE TABLE b (x); INSERT INTO c VALUES (1)"};

struct Schema : ::testing::Test {
    std::string migrated(Database& db, std::span<const std::string_view> steps) {
        try {
            migrate(db, file, steps);
            return {};
        } catch (const Failure& failure) {
            return failure.error.code;
        }
    }
    testing::ScratchDirectory directory;
    std::string file = directory.file("a.db");
};

TEST_F(Schema, a_new_file_gets_all_steps_and_no_copy) {
    Database db(file, {.create = true});
    EXPECT_EQ(migrated(db, two_steps), "");
    EXPECT_EQ(schema_version(db), 2);
    EXPECT_EQ(db.integer("SELECT x FROM b"), 1);
    EXPECT_EQ(migrated(db, two_steps), "") << "nothing is left to do";
    EXPECT_FALSE(std::filesystem::exists(file + ".v1"));
}

TEST_F(Schema, an_older_file_is_copied_before_it_is_changed) {
    Database db(file, {.create = true});
    ASSERT_EQ(migrated(db, std::span(two_steps).first(1)), "");
    db.script("INSERT INTO a VALUES (7)");
    EXPECT_EQ(migrated(db, two_steps), "");
    EXPECT_EQ(schema_version(db), 2);
    Database copy(file + ".v1", {});
    EXPECT_EQ(schema_version(copy), 1);
    EXPECT_EQ(copy.integer("SELECT x FROM a"), 7);
}

TEST_F(Schema, a_step_that_fails_changes_nothing) {
    {
        Database db(file, {.create = true});
        ASSERT_EQ(migrated(db, std::span(broken_step).first(1)), "");
        EXPECT_NE(migrated(db, broken_step), "");
    }
    Database db(file, {});
    EXPECT_EQ(schema_version(db), 1);
    EXPECT_EQ(db.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'b'"), 0);
    EXPECT_EQ(migrated(db, two_steps), "") << "an earlier copy is no obstacle";
}

TEST_F(Schema, a_newer_file_and_a_foreign_one_are_refused) {
    Database db(file, {.create = true});
    ASSERT_EQ(migrated(db, two_steps), "");
    EXPECT_EQ(migrated(db, std::span(two_steps).first(1)), "newer_schema");
    Database foreign(directory.file("b.db"), {.create = true});
    foreign.script("CREATE TABLE songs (x)");
    EXPECT_EQ(migrated(foreign, two_steps), "foreign_file");
    EXPECT_EQ(schema_version(foreign), 0);
}

TEST_F(Schema, a_file_of_the_first_version_takes_calls_once_it_is_brought_up) {
    Database db(file, {.create = true});
    ASSERT_EQ(migrated(db, migrations().first(1)), "");
    db.script("INSERT INTO conversation VALUES (1, 'local', 'c', 0, 2, 0, 0)");
    db.run("INSERT INTO message VALUES (1, ?, 1, 1, 'local', '', 't', 'k', '', 1, 0, 0, 0, x'41')", Id{{1}});
    db.script("INSERT INTO spent_key VALUES ('local', 'k0', x'00000000000000000000000000000000', 1, 'dead')");
    ASSERT_EQ(migrated(db, migrations()), "");
    EXPECT_EQ(db.answer_to("SELECT fingerprint = '' FROM message"), "1");
    EXPECT_EQ(db.answer_to("SELECT fingerprint = '' FROM spent_key"), "1");
    EXPECT_EQ(db.integer("SELECT count(*) FROM call"), 0);
}

struct Constraint : ::testing::Test {
    Constraint() {
        migrate(db, ":memory:", migrations());
        db.script("INSERT INTO conversation VALUES (1, 'local', 'c', 0, 2, 0, 0)");
        for (std::uint8_t n = 1; n <= 2; ++n)
            db.run("INSERT INTO message VALUES (?1, ?2, 1, ?1, 'local', '', 't', NULL, '', 1, 0, 0, 0, x'41', '')", n,
                   Id{{n}});
        insert_job(1, "queued", 1);
    }
    void insert_job(int number, std::string_view state, int head) {
        db.run("INSERT INTO job VALUES (?, 1, ?, ?, 0, 0, 9, NULL, NULL, NULL, 0, 0, 0, '')", number, state, head);
    }
    bool refused(const std::function<void()>& action) {
        try {
            action();
            return false;
        } catch (const Failure& failure) {
            return failure.error.code == "constraint";
        }
    }
    Database db{":memory:", {.create = true}};
};

TEST_F(Constraint, no_defect_can_make_two_heads_in_a_conversation) {
    EXPECT_TRUE(refused([&] { insert_job(2, "queued", 1); }));
    insert_job(2, "queued", 0);
    EXPECT_TRUE(refused([&] { db.run("UPDATE job SET head = 1 WHERE number = 2"); }));
}

TEST_F(Constraint, only_a_leased_head_works_and_only_the_open_wait) {
    EXPECT_TRUE(refused([&] { db.run("UPDATE job SET state = 'working'"); })) << "without a lease";
    EXPECT_TRUE(
        refused([&] { db.run("UPDATE job SET state = 'working', lease_until = 1, generation = 1, head = 0"); }));
    EXPECT_TRUE(refused([&] { db.run("UPDATE job SET state = 'answered', head = 0"); })) << "without its end";
    EXPECT_TRUE(refused([&] { db.run("UPDATE job SET state = 'asleep'"); }));
    db.run("UPDATE job SET state = 'working', lease_until = 1, generation = 1");
}

TEST_F(Constraint, no_message_has_two_answers_and_no_place_two_messages) {
    constexpr std::string_view answer =
        "INSERT INTO answer VALUES (1, 'p', 'm', 'stop', 0, 0, 0, 0, NULL, 0, NULL, 0, 0, 0, x'41')";
    db.run(answer);
    EXPECT_TRUE(refused([&] { db.run(answer); }));
    EXPECT_TRUE(refused([&] { db.run("UPDATE message SET sequence = 1"); }));
}

}  // namespace
}  // namespace evenkeel::sqlite

#include "store/database.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "testing/scratch_directory.hpp"

namespace evenkeel::sqlite {
namespace {

/// The code of the Failure that `action` throws; empty when it throws none.
template <class Action>
std::string code_of(Action action) {
    try {
        action();
        return {};
    } catch (const Failure& failure) {
        EXPECT_EQ(failure.error.cls, ErrorClass::storage);
        return failure.error.code;
    }
}

struct DatabaseTest : ::testing::Test {
    Database db{":memory:", {.create = true}};
};

TEST_F(DatabaseTest, values_come_back_as_they_went_in) {
    db.script("CREATE TABLE t (a, b, c, d, e, f, g)");
    Id id;
    id.bytes[0] = 1;
    id.bytes[15] = 255;
    const std::string text("a\0b", 3);
    db.run("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?)", std::int64_t{-5}, 0.25, text, Bytes{"\xff"}, id,
           WallTime{Millis{7}}, std::optional<int>{});
    auto row = db.query("SELECT * FROM t");
    ASSERT_TRUE(row.step());
    EXPECT_EQ(row.integer(0), -5);
    EXPECT_EQ(row.real(1), 0.25);
    EXPECT_EQ(row.text(2), text);
    EXPECT_EQ(row.text(3), "\xff");
    EXPECT_EQ(row.id(4), id);
    EXPECT_EQ(row.wall(5), WallTime{Millis{7}});
    EXPECT_TRUE(row.is_null(6));
    EXPECT_FALSE(row.maybe_wall(6));
    EXPECT_FALSE(row.step());
}

TEST_F(DatabaseTest, an_empty_text_is_not_null) {
    auto row = db.query("SELECT ? IS NULL, ? IS NULL, ? IS NULL", std::string_view{}, Bytes{{}}, std::nullopt);
    ASSERT_TRUE(row.step());
    EXPECT_FALSE(row.truth(0));
    EXPECT_FALSE(row.truth(1));
    EXPECT_TRUE(row.truth(2));
}

TEST_F(DatabaseTest, the_same_statement_can_run_twice_at_once) {
    db.script("CREATE TABLE t (a); INSERT INTO t VALUES (1), (2)");
    int pairs = 0;
    for (auto outer = db.query("SELECT a FROM t"); outer.step();)
        for (auto inner = db.query("SELECT a FROM t"); inner.step();) ++pairs;
    EXPECT_EQ(pairs, 4);
    EXPECT_EQ(db.integer("SELECT a FROM t ORDER BY a DESC"), 2) << "and again afterwards";
}

TEST_F(DatabaseTest, failures_have_words) {
    db.script("CREATE TABLE t (a UNIQUE)");
    EXPECT_EQ(db.run("INSERT INTO t VALUES (?)", 1), 1);
    EXPECT_EQ(code_of([&] { db.run("INSERT INTO t VALUES (?)", 1); }), "constraint");
    EXPECT_EQ(code_of([&] { db.script("no such words"); }), "sqlite");
    const testing::ScratchDirectory directory;
    EXPECT_EQ(code_of([&] { const Database none(directory.file("none.db"), {}); }), "io_error");
    std::ofstream(directory.file("text.db")) << std::string(5'000, 'x');
    EXPECT_EQ(code_of([&] {
                  Database text(directory.file("text.db"), {});
                  text.script("SELECT * FROM sqlite_schema");
              }),
              "damaged");
}

TEST_F(DatabaseTest, a_second_process_is_locked_out) {
    const testing::ScratchDirectory directory;
    Database first(directory.file("a.db"), {.create = true});
    first.script("PRAGMA locking_mode = EXCLUSIVE; CREATE TABLE t (a)");
    Database second(directory.file("a.db"), {});
    EXPECT_EQ(code_of([&] { second.script("SELECT * FROM t"); }), "locked");
}

}  // namespace
}  // namespace evenkeel::sqlite

#include "store/files.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "testing/scratch_directory.hpp"

namespace evenkeel::sqlite {
namespace {

namespace fs = std::filesystem;

struct Files : ::testing::Test {
    std::string code_of(const std::function<void()>& action) {
        try {
            action();
            return {};
        } catch (const Failure& failure) {
            return failure.error.code;
        }
    }
    std::string inspected(const std::string& name) {
        return code_of([&] { inspect(directory.file(name)); });
    }
    void write(const std::string& name, const std::string& text) { std::ofstream(directory.file(name)) << text; }
    testing::ScratchDirectory directory;
};

TEST_F(Files, tells_whether_there_is_a_database) {
    EXPECT_FALSE(inspect(directory.file("a.db")));
    write("a.db", "content");
    EXPECT_TRUE(inspect(directory.file("a.db")));
}

TEST_F(Files, refuses_links_because_two_names_have_two_logs) {
    write("a.db", "content");
    fs::create_symlink(directory.file("a.db"), directory.file("soft.db"));
    EXPECT_EQ(inspected("soft.db"), "linked_file");
    fs::create_symlink(directory.file("nowhere"), directory.file("dangling.db"));
    EXPECT_EQ(inspected("dangling.db"), "linked_file");
    fs::create_hard_link(directory.file("a.db"), directory.file("hard.db"));
    EXPECT_EQ(inspected("a.db"), "linked_file");
    fs::create_directory(directory.file("folder.db"));
    EXPECT_EQ(inspected("folder.db"), "linked_file");
}

TEST_F(Files, takes_an_empty_file_and_a_lonely_log_for_losses) {
    write("empty.db", "");
    EXPECT_EQ(inspected("empty.db"), "damaged");
    write("b.db-wal", "log");
    EXPECT_EQ(inspected("b.db"), "damaged");
}

TEST_F(Files, what_it_makes_is_private_and_never_replaces_anything) {
    create_private(directory.file("a"));
    EXPECT_EQ(fs::status(directory.file("a")).permissions(), fs::perms::owner_read | fs::perms::owner_write);
    EXPECT_EQ(code_of([&] { create_private(directory.file("a")); }), "exists");
    EXPECT_EQ(code_of([&] { create_private(directory.file("no/such/folder")); }), "io_error");
    publish(directory.file("a"), directory.file("b"));
    EXPECT_FALSE(fs::exists(directory.file("a")));
    EXPECT_TRUE(fs::exists(directory.file("b")));
}

TEST_F(Files, a_copy_has_everything_and_a_failed_one_leaves_nothing) {
    Database db(directory.file("a.db"), {.create = true});
    db.script("CREATE TABLE t (a); INSERT INTO t VALUES (42)");
    copy_database(db, directory.file("copy.db"));
    Database copy(directory.file("copy.db"), {});
    EXPECT_EQ(copy.integer("SELECT a FROM t"), 42);
    EXPECT_EQ(fs::status(directory.file("copy.db")).permissions(), fs::perms::owner_read | fs::perms::owner_write);
    EXPECT_EQ(code_of([&] { copy_database(db, directory.file("copy.db")); }), "exists");
    db.script("BEGIN");
    EXPECT_NE(code_of([&] { copy_database(db, directory.file("second.db")); }), "");
    EXPECT_FALSE(fs::exists(directory.file("second.db")));
}

}  // namespace
}  // namespace evenkeel::sqlite

#include "os/files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>

#include "os/signals.hpp"

namespace evenkeel::os {
namespace {

using ::testing::HasSubstr;

/// A directory of its own for each test.
class Files : public ::testing::Test {
protected:
    Files() {
        std::string pattern = ::testing::TempDir() + "evenkeel-files-XXXXXX";
        directory_ = ::mkdtemp(pattern.data());
    }
    ~Files() override { std::filesystem::remove_all(directory_); }
    std::string path(std::string_view name) const { return directory_ + "/" + std::string(name); }
    std::size_t entries() const {
        return static_cast<std::size_t>(
            std::distance(std::filesystem::directory_iterator(directory_), std::filesystem::directory_iterator{}));
    }
    static std::uint32_t mode_of(const std::string& file) {
        struct stat status{};
        ::stat(file.c_str(), &status);
        return status.st_mode & 07777;
    }
    std::string directory_;
};

TEST_F(Files, what_was_written_is_read_back_with_its_mode) {
    const std::string content(100'000, 'x');
    ASSERT_TRUE(write_file_atomically(path("a"), content).has_value());
    EXPECT_EQ(read_file(path("a"), 100'000), content);
    EXPECT_EQ(mode_of(path("a")), 0600u);
    ASSERT_TRUE(write_file_atomically(path("a"), "new", 0644).has_value());
    EXPECT_EQ(read_file(path("a"), 10), "new");
    EXPECT_EQ(mode_of(path("a")), 0644u);
    EXPECT_EQ(entries(), 1u);
}

TEST_F(Files, appending_begins_anew_where_the_file_was_moved_away) {
    const std::string file = path("log");
    ASSERT_TRUE(append_to_file(file, "one\n"));
    ASSERT_TRUE(append_to_file(file, "two\n"));
    EXPECT_EQ(mode_of(file), 0600u);
    std::filesystem::rename(file, path("log.1"));
    ASSERT_TRUE(append_to_file(file, "three\n"));
    EXPECT_EQ(*read_file(path("log.1"), 100), "one\ntwo\n");
    EXPECT_EQ(*read_file(file, 100), "three\n");
    EXPECT_EQ(append_to_file(path("no/log"), "x").error().code, "not_found");
}

TEST_F(Files, a_file_over_its_bound_is_refused_by_name) {
    ASSERT_TRUE(write_file_atomically(path("big"), "12345").has_value());
    EXPECT_TRUE(read_file(path("big"), 5).has_value());
    const auto refused = read_file(path("big"), 4);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, "too_big");
    EXPECT_EQ(refused.error().cls, ErrorClass::storage);
    EXPECT_THAT(refused.error().detail, HasSubstr(path("big")));
}

TEST_F(Files, a_missing_file_a_directory_and_a_pipe_are_told_apart) {
    const auto missing = read_file(path("none"), 10);
    ASSERT_FALSE(missing.has_value());
    EXPECT_EQ(missing.error().code, "not_found");
    EXPECT_THAT(missing.error().detail, HasSubstr("cannot read " + path("none") + ": no such file"));
    EXPECT_EQ(read_file(directory_, 10).error().code, "not_a_file");
    ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
    EXPECT_EQ(read_file(path("pipe"), 10), "");  // Nobody writes: empty, and no hang.
}

TEST_F(Files, a_failed_write_leaves_the_old_content_and_no_litter) {
    ASSERT_TRUE(write_file_atomically(path("kept"), "old").has_value());
    rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    const rlimit tiny{1024, before.rlim_max};
    ::signal(SIGXFSZ, SIG_IGN);
    ::setrlimit(RLIMIT_FSIZE, &tiny);
    const auto failed = write_file_atomically(path("kept"), std::string(5'000, 'n'));
    ::setrlimit(RLIMIT_FSIZE, &before);
    ASSERT_FALSE(failed.has_value());
    EXPECT_EQ(failed.error().code, "disk_full");
    EXPECT_EQ(read_file(path("kept"), 10), "old");
    EXPECT_EQ(entries(), 1u);
}

TEST_F(Files, writing_where_no_directory_is_says_so) {
    const auto failed = write_file_atomically(path("no/such/file"), "x");
    ASSERT_FALSE(failed.has_value());
    EXPECT_EQ(failed.error().code, "not_found");
}

TEST_F(Files, a_secret_that_others_may_read_is_refused_with_the_remedy) {
    for (const std::uint32_t mode : {0640u, 0604u, 0644u, 0620u}) {
        ASSERT_TRUE(write_file_atomically(path("key"), "sk-1", mode).has_value());
        const auto refused = read_secret_file(path("key"));
        ASSERT_FALSE(refused.has_value());
        EXPECT_EQ(refused.error().code, "not_private");
        EXPECT_THAT(refused.error().detail, HasSubstr("chmod 600 " + path("key")));
        EXPECT_THAT(refused.error().detail, ::testing::Not(HasSubstr("sk-1")));
        EXPECT_FALSE(check_private(path("key")).has_value());
    }
    for (const std::uint32_t mode : {0600u, 0400u}) {
        ASSERT_TRUE(write_file_atomically(path("key"), " sk-1\n", mode).has_value());
        EXPECT_EQ(read_secret_file(path("key"))->reveal(), "sk-1");
        EXPECT_TRUE(check_private(path("key")).has_value());
    }
}

TEST_F(Files, missing_directories_are_made_private) {
    ASSERT_TRUE(ensure_directory(path("a/b/c")).has_value());
    EXPECT_EQ(mode_of(path("a")), 0700u);
    EXPECT_EQ(mode_of(path("a/b/c")), 0700u);
    EXPECT_TRUE(ensure_directory(path("a/b/c")).has_value());
    ASSERT_TRUE(write_file_atomically(path("file"), "").has_value());
    const auto refused = ensure_directory(path("file/d"));
    ASSERT_FALSE(refused.has_value());
    EXPECT_THAT(refused.error().detail, HasSubstr("is a file where a directory is needed"));
    EXPECT_FALSE(ensure_directory(path("file")).has_value());
}

TEST_F(Files, removing_what_is_not_there_succeeds) {
    ASSERT_TRUE(write_file_atomically(path("f"), "").has_value());
    EXPECT_TRUE(file_exists(path("f")));
    EXPECT_TRUE(remove_file(path("f")).has_value());
    EXPECT_FALSE(file_exists(path("f")));
    EXPECT_TRUE(remove_file(path("f")).has_value());
    EXPECT_FALSE(remove_file(directory_).has_value());
}

TEST_F(Files, the_disk_has_room_and_is_our_own) {
    EXPECT_GT(free_disk_bytes(directory_).value_or(0), 0u);
    EXPECT_FALSE(free_disk_bytes(path("none")).has_value());
    EXPECT_FALSE(is_network_filesystem("/proc"));
    EXPECT_FALSE(is_network_filesystem(path("none")));
}

TEST(FileFault, each_known_reason_has_its_code_and_remedy) {
    const std::vector<std::pair<int, std::string>> table{{ENOENT, "not_found"},
                                                         {EACCES, "not_permitted"},
                                                         {EROFS, "not_permitted"},
                                                         {ENOSPC, "disk_full"},
                                                         {EDQUOT, "disk_full"},
                                                         {EMFILE, "io"},
                                                         {EIO, "io"}};
    for (const auto& [number, code] : table) {
        const Error error = file_fault("write", "/x", number).error();
        EXPECT_EQ(error.code, code);
        EXPECT_THAT(error.detail, ::testing::StartsWith("cannot write /x: "));
        EXPECT_THAT(error.detail, HasSubstr("; "));
    }
    EXPECT_EQ(file_fault("write", "/x", ELOOP).error().code, "io");
}

}  // namespace
}  // namespace evenkeel::os

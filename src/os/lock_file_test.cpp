#include "os/lock_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <filesystem>

#include "os/files.hpp"
#include "os/process.hpp"

namespace evenkeel::os {
namespace {

class Lock : public ::testing::Test {
protected:
    Lock() {
        std::string pattern = ::testing::TempDir() + "evenkeel-lock-XXXXXX";
        directory_ = ::mkdtemp(pattern.data());
    }
    ~Lock() override { std::filesystem::remove_all(directory_); }
    std::string directory_;
};

TEST_F(Lock, only_one_holds_it_and_others_learn_who) {
    auto first = LockFile::try_acquire(directory_, "serve");
    ASSERT_TRUE(first.has_value() && first->has_value());
    const auto second = LockFile::try_acquire(directory_, "chat");
    ASSERT_TRUE(second.has_value());
    EXPECT_FALSE(second->has_value());
    const auto holder = LockFile::holder(directory_);
    ASSERT_TRUE(holder.has_value());
    EXPECT_EQ(holder->pid, process_id());
    EXPECT_EQ(holder->kind, "serve");
}

TEST_F(Lock, is_free_again_when_its_holder_goes) {
    {
        const auto first = LockFile::try_acquire(directory_, "a command with a much longer name than the next");
    }
    EXPECT_EQ(LockFile::holder(directory_), std::nullopt);
    const auto second = LockFile::try_acquire(directory_, "chat");
    ASSERT_TRUE(second.has_value() && second->has_value());
    EXPECT_EQ(LockFile::holder(directory_)->kind, "chat");
}

TEST_F(Lock, is_free_again_when_its_holder_is_killed_and_the_dead_is_not_named) {
    const pid_t child = ::fork();
    if (child == 0) {
        const auto held = LockFile::try_acquire(directory_, "serve");
        ::raise(SIGKILL);
    }
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);
    EXPECT_EQ(LockFile::holder(directory_), std::nullopt);
    const auto next = LockFile::try_acquire(directory_, "chat");
    EXPECT_TRUE(next.has_value() && next->has_value());
}

TEST_F(Lock, a_directory_that_is_not_there_is_named) {
    const auto failed = LockFile::try_acquire(directory_ + "/none", "serve");
    ASSERT_FALSE(failed.has_value());
    EXPECT_EQ(failed.error().code, "not_found");
    EXPECT_THAT(failed.error().detail, ::testing::HasSubstr(directory_ + "/none/owner.lock"));
    EXPECT_EQ(LockFile::holder(directory_ + "/none"), std::nullopt);
}

TEST_F(Lock, garbage_in_the_file_names_nobody) {
    for (const std::string_view garbage : {"", "x", "-5 serve", "99999999999999999999 serve", "0 serve"}) {
        ASSERT_TRUE(write_file_atomically(directory_ + "/owner.lock", garbage).has_value());
        EXPECT_EQ(LockFile::holder(directory_), std::nullopt) << garbage;
    }
}

}  // namespace
}  // namespace evenkeel::os

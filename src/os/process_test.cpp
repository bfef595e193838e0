#include "os/process.hpp"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/resource.h>

namespace evenkeel::os {
namespace {

TEST(Process, knows_itself) {
    EXPECT_TRUE(process_runs(process_id()));
    EXPECT_TRUE(process_runs(1));
    EXPECT_FALSE(process_runs(0));
    EXPECT_FALSE(process_runs(0x7fffffff));  // Above every pid_max.
    EXPECT_THAT(program_path(), ::testing::HasSubstr("os_tests"));
}

TEST(Process, resident_memory_grows_with_what_is_touched) {
    const std::size_t before = resident_bytes();
    EXPECT_GT(before, 1'000'000u);
    const std::vector<char> touched(64 * 1024 * 1024, 'x');
    EXPECT_GT(resident_bytes(), before + touched.size() / 2);
}

TEST(Process, core_dumps_can_be_forbidden) {
    ASSERT_TRUE(forbid_core_dumps().has_value());
    rlimit limit{1, 1};
    ::getrlimit(RLIMIT_CORE, &limit);
    EXPECT_EQ(limit.rlim_cur, 0u);
    EXPECT_EQ(::prctl(PR_GET_DUMPABLE), 0);
    ::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);  // The leak checker must be able to attach to the tests.
}

TEST(Process, the_limit_of_open_files_goes_up_to_the_hard_one) {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    EXPECT_EQ(raise_open_files_limit(), limit.rlim_max);
}

}  // namespace
}  // namespace evenkeel::os

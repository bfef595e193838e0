#include "os/temporary_directory.hpp"

#include <gtest/gtest.h>

#include "os/files.hpp"

namespace evenkeel::os {
namespace {

TEST(TemporaryDirectory, goes_with_all_that_is_in_it) {
    std::string path;
    {
        auto directory = TemporaryDirectory::make(::testing::TempDir(), "evenkeel-test-");
        ASSERT_TRUE(directory.has_value());
        path = directory->path();
        ASSERT_TRUE(write_file_atomically(path + "/file", "x").has_value());
        EXPECT_TRUE(file_exists(path + "/file"));
    }
    EXPECT_FALSE(file_exists(path));
}

TEST(TemporaryDirectory, a_parent_that_is_not_there_is_named) {
    auto directory = TemporaryDirectory::make("/nowhere/at/all", "x-");
    ASSERT_FALSE(directory.has_value());
    EXPECT_NE(directory.error().detail.find("/nowhere/at/all"), std::string::npos);
}

}  // namespace
}  // namespace evenkeel::os

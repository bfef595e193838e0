#include "os/environment.hpp"

#include <gtest/gtest.h>

namespace evenkeel::os {
namespace {

TEST(Environment, tells_unset_from_empty) {
    const Environment environment({{"SET", "x"}, {"EMPTY", ""}});
    EXPECT_EQ(environment.get("SET"), "x");
    EXPECT_EQ(environment.get("EMPTY"), "");
    EXPECT_EQ(environment.get("UNSET"), std::nullopt);
    EXPECT_EQ(environment.get_filled("SET"), "x");
    EXPECT_EQ(environment.get_filled("EMPTY"), std::nullopt);
}

TEST(Environment, of_the_process_is_a_snapshot) {
    ::setenv("EVENKEEL_TEST_SNAPSHOT", "a=b", 1);
    const Environment before = Environment::of_process();
    ::unsetenv("EVENKEEL_TEST_SNAPSHOT");
    EXPECT_EQ(before.get("EVENKEEL_TEST_SNAPSHOT"), "a=b");
    EXPECT_EQ(Environment::of_process().get("EVENKEEL_TEST_SNAPSHOT"), std::nullopt);
}

TEST(Directories, follow_xdg_and_fall_back_to_home) {
    struct Row {
        Environment::Variables variables;
        std::string state, config;
    };
    const std::vector<Row> table{
        {{{"HOME", "/home/ann"}}, "/home/ann/.local/state/evenkeel", "/home/ann/.config/evenkeel"},
        {{{"HOME", "/home/ann"}, {"XDG_STATE_HOME", "/var/s"}, {"XDG_CONFIG_HOME", "/etc/x"}},
         "/var/s/evenkeel",
         "/etc/x/evenkeel"},
        {{{"HOME", "/home/ann"}, {"XDG_STATE_HOME", "relative"}, {"XDG_CONFIG_HOME", ""}},
         "/home/ann/.local/state/evenkeel",
         "/home/ann/.config/evenkeel"},
    };
    for (const Row& row : table) {
        EXPECT_EQ(state_directory(Environment(row.variables)), row.state);
        EXPECT_EQ(config_directory(Environment(row.variables)), row.config);
    }
}

TEST(Directories, without_HOME_the_password_file_is_asked) {
    EXPECT_EQ(home_directory(Environment{}).substr(0, 1), "/");
    EXPECT_EQ(home_directory(Environment({{"HOME", "not/absolute"}})), home_directory(Environment{}));
}

}  // namespace
}  // namespace evenkeel::os

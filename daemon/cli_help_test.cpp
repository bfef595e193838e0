#include "daemon/cli_help.hpp"

#include "daemon/cli.hpp"

namespace evenkeel {
namespace {

TEST(CommandHelp, stands_in_straight_columns) {
    const std::vector<std::string> arguments{"queue", "list", "--help"};
    const auto invocation = parse_command_line(arguments);
    ASSERT_TRUE(invocation);
    EXPECT_THAT(std::get<command::ShowText>(invocation->command).text,
                testing::StartsWith("Usage: evenkeel queue list [FLAGS]\n"
                                    "\n"
                                    "What waits for an answer, the next one first.\n"
                                    "\n"
                                    "Flags:\n"
                                    "  --all                     also what has ended\n"
                                    "  --limit N                 at most so many (100)\n"));
}

TEST(CommandHelp, leaves_out_what_is_for_tests) {
    const auto help = [](std::vector<std::string> arguments) {
        return std::get<command::ShowText>(parse_command_line(arguments)->command).text;
    };
    EXPECT_THAT(help({"--help"}), testing::Not(testing::HasSubstr("  practice")));
    EXPECT_THAT(help({"--help"}), testing::HasSubstr("  rehearse"));
    EXPECT_THAT(help({"rehearse", "--help"}), testing::Not(testing::HasSubstr("--without")));
    EXPECT_THAT(help({"rehearse", "--help"}), testing::HasSubstr("--quick"));
}

}  // namespace
}  // namespace evenkeel

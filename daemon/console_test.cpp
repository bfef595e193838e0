#include "daemon/console.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>

namespace evenkeel {
namespace {

TEST(Console, a_pipe_is_no_terminal_and_gets_every_byte) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    Console console(ends[1], true);
    EXPECT_FALSE(console.interactive());
    EXPECT_FALSE(console.colours());
    console.write("hello");
    std::array<char, 16> got{};
    EXPECT_EQ(::read(ends[0], got.data(), got.size()), 5);
    ::close(ends[0]);
    ::close(ends[1]);
}

TEST(Console, colours_can_be_switched_off) {
    using Variables = os::Environment::Variables;
    EXPECT_TRUE(colour_allowed(os::Environment(Variables{{"NO_COLOR", ""}}), false));
    EXPECT_FALSE(colour_allowed(os::Environment(Variables{{"NO_COLOR", "1"}}), false));
    EXPECT_FALSE(colour_allowed(os::Environment(Variables{{"TERM", "dumb"}}), false));
    EXPECT_FALSE(colour_allowed(os::Environment(), true));
}

}  // namespace
}  // namespace evenkeel

#include "os/terminal.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>

#include <cstdlib>

#include "core/unique_fd.hpp"

namespace evenkeel::os {
namespace {

TEST(Terminal, a_pipe_is_none_and_has_the_usual_width) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const UniqueFd read_end(ends[0]), write_end(ends[1]);
    EXPECT_FALSE(is_terminal(write_end.get()));
    EXPECT_EQ(terminal_columns(write_end.get()), 80u);
    EXPECT_FALSE(is_terminal(-1));
}

TEST(Terminal, a_terminal_says_its_width) {
    const UniqueFd master(::posix_openpt(O_RDWR | O_NOCTTY));
    ASSERT_TRUE(master);
    ASSERT_EQ(::grantpt(master.get()), 0);
    ASSERT_EQ(::unlockpt(master.get()), 0);
    const UniqueFd terminal(::open(::ptsname(master.get()), O_RDWR | O_NOCTTY));
    ASSERT_TRUE(terminal);
    EXPECT_TRUE(is_terminal(terminal.get()));
    EXPECT_EQ(terminal_columns(terminal.get()), 80u);  // It does not know yet.
    const winsize narrow{.ws_row = 24, .ws_col = 42, .ws_xpixel = 0, .ws_ypixel = 0};
    ASSERT_EQ(::ioctl(terminal.get(), TIOCSWINSZ, &narrow), 0);
    EXPECT_EQ(terminal_columns(terminal.get()), 42u);
}

}  // namespace
}  // namespace evenkeel::os

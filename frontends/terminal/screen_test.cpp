#include "frontends/terminal/screen.hpp"

#include <gtest/gtest.h>

namespace evenkeel::terminal {
namespace {

TEST(Screen, styles_vanish_without_colours) {
    EXPECT_EQ(styled("x", Style::bold, false), "x");
    EXPECT_EQ(styled("x", Style::bold, true), "\x1b[1mx\x1b[0m");
    EXPECT_EQ(styled("x", Style::plain, true), "x");
}

TEST(Screen, width_counts_columns_not_bytes) {
    EXPECT_EQ(display_width("abc"), 3u);
    EXPECT_EQ(display_width("grüße"), 5u);
    EXPECT_EQ(display_width("日本"), 4u);
    EXPECT_EQ(display_width("😀"), 2u);
    EXPECT_EQ(display_width("e\u0301"), 1u);
    EXPECT_EQ(display_width("\x1b[1;31mred\x1b[0m"), 3u);
}

TEST(Screen, rows_follow_wraps_and_line_ends) {
    EXPECT_EQ(display_rows("", 10), 1u);
    EXPECT_EQ(display_rows("0123456789", 10), 1u);
    EXPECT_EQ(display_rows("0123456789a", 10), 2u);
    EXPECT_EQ(display_rows("a\nb\n", 10), 3u);
    EXPECT_EQ(display_rows("012345678日", 10), 2u);
}

}  // namespace
}  // namespace evenkeel::terminal

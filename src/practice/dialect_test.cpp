#include "practice/dialect.hpp"

#include <gtest/gtest.h>

namespace evenkeel::practice {
namespace {

TEST(Dialect, counts_words_steadily) {
    EXPECT_EQ(count_words(""), 0);
    EXPECT_EQ(count_words("  one\ttwo\nthree  "), 3);
}

TEST(Dialect, html_page_says_it_is_html) {
    const Page page = html_page(502);
    EXPECT_EQ(page.status, 502);
    EXPECT_EQ(page.headers.front().second, "text/html; charset=UTF-8");
    EXPECT_TRUE(page.body.starts_with("<!DOCTYPE html>"));
}

}  // namespace
}  // namespace evenkeel::practice

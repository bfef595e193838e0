#include "daemon/render.hpp"

#include "core/text.hpp"
#include "testing/test_output.hpp"

namespace evenkeel {
namespace {

using terminal::Style;

Table example() {
    Table table({{"NAME"}, {"N", true}, {"TEXT", false, true}});
    table.add({{"a"}, {"1"}, {"short"}});
    table.add({{"longer"}, {"12345"}, {"a text that is much longer than the others\nand has two lines"}});
    return table;
}

TEST(Table, stands_in_straight_columns_and_cuts_nothing_into_a_pipe) {
    EXPECT_EQ(example().text(ScreenTwin(false, 40)),
              "NAME        N  TEXT\n"
              "a           1  short\n"
              "longer  12345  a text that is much longer than the others and has two lines\n");
}

TEST(Table, fits_the_width_of_a_screen) {
    const ScreenTwin screen(true, 40);
    EXPECT_EQ(example().text(screen),
              "NAME        N  TEXT\n"
              "a           1  short\n"
              "longer  12345  a text that is much long…\n");
    for (const int columns : {20, 30, 60}) {
        const std::string text = example().text(ScreenTwin(true, columns));
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t end = text.find('\n', at);
            EXPECT_LE(terminal::display_width(text.substr(at, end - at)), std::max<std::size_t>(27, columns))
                << columns;
            at = end + 1;
        }
    }
}

TEST(Table, counts_wide_characters_as_two_columns) {
    Table table({{"A", false, true}, {"B"}});
    table.add({{"日本語日本語日本語日本語"}, {"x"}});
    table.add({{"abc"}, {"y"}});
    const std::string text = table.text(ScreenTwin(true, 20));
    EXPECT_THAT(text, testing::HasSubstr("…"));
    EXPECT_LE(terminal::display_width(
                  text.substr(text.find('\n') + 1, text.find('\n', text.find('\n') + 1) - text.find('\n') - 1)),
              20u);
}

TEST(Table, colours_only_where_they_are_wanted) {
    Table table({{"A"}});
    table.add({{"bad", Style::error}});
    ScreenTwin screen;
    EXPECT_EQ(table.text(screen).find('\x1b'), std::string::npos);
    screen.coloured = true;
    EXPECT_NE(table.text(screen).find('\x1b'), std::string::npos);
}

TEST(Render, speaks_of_times_as_people_do) {
    EXPECT_EQ(ago(Millis{300}), "just now");
    EXPECT_EQ(ago(Millis{45'000}), "45 s ago");
    EXPECT_EQ(ago(Millis{5 * 60'000}), "5 min ago");
    EXPECT_EQ(ago(Millis{26 * 3'600'000LL}), "26 h ago");
    EXPECT_EQ(ago(Millis{50 * 3'600'000LL}), "2 d ago");
    EXPECT_EQ(ago(std::nullopt), "–");
    EXPECT_EQ(in_time(Millis{0}), "now");
    EXPECT_EQ(in_time(Millis{60'000}), "in 60 s");
    EXPECT_EQ(in_time(std::nullopt), "–");
}

TEST(Render, reads_back_the_times_that_it_is_given) {
    for (const std::string_view text :
         {"2026-11-22T18:36:19.123Z", "1999-12-31T23:59:59.999Z", "2024-02-29T00:00:00.000Z"})
        EXPECT_EQ(format_wall(parse_wall(text).value()), text);
    for (const std::string_view text :
         {"", "2026-11-22", "2026-13-22T18:36:19.123Z", "2026-11-22 18:36:19.123Z", "2026-11-22T18:36:19.123+"})
        EXPECT_FALSE(parse_wall(text)) << text;
}

TEST(Render, writes_numbers_for_people) {
    EXPECT_EQ(grouped(0), "0");
    EXPECT_EQ(grouped(999), "999");
    EXPECT_EQ(grouped(1'000), "1,000");
    EXPECT_EQ(grouped(-1'234'567), "-1,234,567");
    EXPECT_EQ(spoken_size(512), "512 B");
    EXPECT_EQ(spoken_size(1'258'291), "1.2 MiB");
    EXPECT_EQ(counted(1, "question", "questions"), "1 question");
    EXPECT_EQ(counted(2'000, "question", "questions"), "2,000 questions");
}

TEST(Render, wraps_at_blanks_and_keeps_line_breaks) {
    EXPECT_EQ(wrapped("one two three four five six\nseven", 20, "  "), "  one two three four\n  five six\n  seven\n");
    EXPECT_EQ(wrapped("a\n\nb", 20, "  "), "  a\n\n  b\n");
}

TEST(Render, reports_an_error_with_its_exit_code) {
    TestOutput screens;
    EXPECT_EQ(
        report(caller_fault("no question has an id that begins with 0193c1", "not_found").error(), screens.output), 66);
    EXPECT_EQ(screens.err.written, "error: no question has an id that begins with 0193c1\n");
    EXPECT_EQ(screens.out.written, "");
}

TEST(Render, leaves_out_facts_that_are_not_known) {
    EXPECT_EQ(facts({{"a", "1"}, {"longer", ""}, {"bcd", "2"}}, ScreenTwin()), "a    1\nbcd  2\n");
}

}  // namespace
}  // namespace evenkeel

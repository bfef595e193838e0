#include "core/text.hpp"

#include <gtest/gtest.h>

namespace evenkeel {
namespace {

using namespace std::chrono_literals;

TEST(Utf8, takes_well_formed_sequences_and_nothing_else) {
    EXPECT_EQ(utf8_sequence_length("a"), 1u);
    EXPECT_EQ(utf8_sequence_length("é"), 2u);
    EXPECT_EQ(utf8_sequence_length("€"), 3u);
    EXPECT_EQ(utf8_sequence_length("😀"), 4u);
    for (const char* broken :
         {"", "\x80", "\xc0\xaf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf5", "\xe2\x82"})
        EXPECT_EQ(utf8_sequence_length(broken), 0u) << broken;
}

TEST(Utf8, broken_bytes_become_replacement_characters) {
    EXPECT_EQ(to_valid_utf8("a\xff\xe2\x82z"), "a\uFFFD\uFFFD\uFFFDz");
    EXPECT_EQ(to_valid_utf8("grüße 😀"), "grüße 😀");
}

TEST(Utf8, a_prefix_never_cuts_a_code_point) {
    EXPECT_EQ(utf8_prefix("a€b", 3), "a");
    EXPECT_EQ(utf8_prefix("a€b", 4), "a€");
    EXPECT_EQ(utf8_prefix("abc", 9), "abc");
}

TEST(OneLine, folds_blanks_drops_controls_and_marks_a_cut) {
    EXPECT_EQ(one_line("  a \n\t b\x1b[31m ", 20), "a b[31m");
    EXPECT_EQ(one_line("hello world", 5), "hell…");
    EXPECT_EQ(one_line("hello", 5), "hello");
    EXPECT_EQ(one_line("ééééé", 3), "éé…");
}

TEST(Duration, parses_number_and_unit) {
    EXPECT_EQ(parse_duration("250ms"), 250ms);
    EXPECT_EQ(parse_duration("1.5s"), 1500ms);
    EXPECT_EQ(parse_duration(" 10m "), 600s);
    EXPECT_EQ(parse_duration("24h"), 86400s);
    EXPECT_EQ(parse_duration("90d"), 90 * 86400s);
    for (const char* wrong : {"", "10", "-1s", "s", "1 s", "1y", "1e9s", "nan", "99999999999d"})
        EXPECT_FALSE(parse_duration(wrong)) << wrong;
}

TEST(Duration, formats_so_that_it_reads_back) {
    for (const auto ms : {0ms, 250ms, 1500ms, 10000ms, 600000ms, 5400000ms, 86400000ms, 7776000000ms})
        EXPECT_EQ(parse_duration(format_duration(ms)), ms) << format_duration(ms);
    EXPECT_EQ(format_duration(24h), "24h");
}

TEST(Duration, is_spoken_in_two_units_at_most) {
    EXPECT_EQ(spoken_duration(850ms), "850 ms");
    EXPECT_EQ(spoken_duration(4200ms), "4.2 s");
    EXPECT_EQ(spoken_duration(59960ms), "1 min");
    EXPECT_EQ(spoken_duration(200s), "3 min 20 s");
    EXPECT_EQ(spoken_duration(2h), "2 h");
    EXPECT_EQ(spoken_duration(76h), "3 d 4 h");
}

TEST(Size, parses_and_formats) {
    EXPECT_EQ(parse_size("16MiB"), 16u << 20);
    EXPECT_EQ(parse_size("512"), 512u);
    EXPECT_FALSE(parse_size("16MB"));
    EXPECT_EQ(format_size(16u << 20), "16MiB");
    EXPECT_EQ(format_size(1000), "1000B");
}

TEST(Wall, is_rfc_3339_with_milliseconds) {
    EXPECT_EQ(format_wall(WallTime{Millis{1'767'225'600'123}}), "2026-01-01T00:00:00.123Z");
}

TEST(EditDistance, counts_single_edits_and_swaps) {
    EXPECT_EQ(edit_distance("statsu", "status"), 1u);
    EXPECT_EQ(edit_distance("queue", "que"), 2u);
    EXPECT_EQ(edit_distance("", "abc"), 3u);
    EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
}

TEST(Case, is_ignored_for_ascii_only) {
    EXPECT_TRUE(equals_ignoring_case("Content-TYPE", "content-type"));
    EXPECT_FALSE(equals_ignoring_case("a", "ab"));
    EXPECT_EQ(to_lower("ÄbC"), "Äbc");
}

}  // namespace
}  // namespace evenkeel

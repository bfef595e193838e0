#include "config/dotenv.hpp"

namespace evenkeel {
namespace {

using testing::HasSubstr;

TEST(Dotenv, reads_what_people_write) {
    struct Case {
        std::string_view line, name, value;
    };
    for (const Case& each : {Case{"A=b", "A", "b"}, Case{"A =  b c ", "A", "b c"}, Case{"export A=b", "A", "b"},
                             Case{"A=", "A", ""}, Case{"A=\"b # c\" # why", "A", "b # c"},
                             Case{"A='b\\n$c'", "A", "b\\n$c"}, Case{"A=\"b\\nc\\\"d\\\\\"", "A", "b\nc\"d\\"},
                             Case{"A=b # why", "A", "b"}, Case{"A=b#c", "A", "b#c"}, Case{"A=# why", "A", ""},
                             Case{"A=x=y==", "A", "x=y=="}, Case{"A=b\r", "A", "b"}, Case{"  _a1 = z", "_a1", "z"}}) {
        const Dotenv read = parse_dotenv(each.line, ".env");
        ASSERT_TRUE(read.problems.empty()) << each.line;
        ASSERT_EQ(read.entries.size(), 1u) << each.line;
        EXPECT_EQ(read.entries[0].name, each.name) << each.line;
        EXPECT_EQ(read.entries[0].value, each.value) << each.line;
    }
}

TEST(Dotenv, counts_lines_through_comments_blanks_crlf_and_a_byte_order_mark) {
    const Dotenv read = parse_dotenv("\xEF\xBB\xBF# first\r\n\r\nA=1\r\n  # more\r\nB=2", ".env");
    ASSERT_EQ(read.entries.size(), 2u);
    EXPECT_EQ(read.entries[0].line, 3);
    EXPECT_EQ(read.entries[1].line, 5);
    EXPECT_EQ(read.entries[1].value, "2");
}

TEST(Dotenv, names_the_file_and_line_of_each_broken_one_and_never_repeats_it) {
    const Dotenv read =
        parse_dotenv("A=1\nsk-nano-secret\n2B=secret\nC=\"secret\nD='secret' x\n=secret\nE=5\n", "dir/.env");
    ASSERT_EQ(read.problems.size(), 5u);
    for (std::size_t i = 0; i < 5; ++i) {
        EXPECT_EQ(read.problems[i].line, static_cast<int>(i) + 2);
        const std::string text = to_text(read.problems[i], "error");
        EXPECT_THAT(text, HasSubstr("dir/.env, line "));
        EXPECT_EQ(text.find("secret"), std::string::npos) << text;
    }
    EXPECT_EQ(read.entries.size(), 2u) << "good lines are kept";
}

TEST(Dotenv, of_nothing_is_nothing) {
    EXPECT_TRUE(parse_dotenv("", ".env").entries.empty());
    EXPECT_TRUE(parse_dotenv("\n\n#\n", ".env").entries.empty());
}

}  // namespace
}  // namespace evenkeel

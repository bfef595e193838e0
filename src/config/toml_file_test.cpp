#include "config/toml_file.hpp"

namespace evenkeel {
namespace {

using As = Written::As;

TEST(TomlFile, keeps_order_lines_and_types) {
    const TomlFile file = parse_toml(
        "loose = 1\n[queue]\nttl = \"24h\"\nmax_pending = 7\n[[provider]]\nprice_input = 0.5\nlocal = true\n"
        "[[provider]]\nname = [1]\n",
        "e.toml");
    ASSERT_TRUE(file.problems.empty());
    ASSERT_EQ(file.loose.size(), 1u);
    EXPECT_EQ(file.loose[0].line, 1);
    ASSERT_EQ(file.tables.size(), 3u);
    EXPECT_EQ(file.tables[0].name, "queue");
    EXPECT_FALSE(file.tables[0].is_element);
    EXPECT_EQ(file.tables[0].entries[0].key, "ttl");
    EXPECT_EQ(file.tables[0].entries[0].value.as, As::string);
    EXPECT_EQ(file.tables[0].entries[0].value.text, "24h");
    EXPECT_EQ(file.tables[0].entries[1].value.as, As::integer);
    EXPECT_EQ(file.tables[0].entries[1].line, 4);
    EXPECT_TRUE(file.tables[1].is_element);
    EXPECT_EQ(file.tables[1].line, 5);
    EXPECT_EQ(file.tables[1].entries[0].value.text, "0.5");
    EXPECT_EQ(file.tables[1].entries[1].value.text, "true");
    EXPECT_EQ(file.tables[2].entries[0].value.as, As::other);
}

TEST(TomlFile, knows_lists_of_texts_from_others) {
    const TomlFile file = parse_toml("a = [\"x\", \"y\"]\nb = []\nc = [1]\nd = [\"x\", 1]\ne = [[\"x\"]]\n", "f");
    ASSERT_EQ(file.loose.size(), 5u);
    EXPECT_EQ(file.loose[0].value.as, As::list);
    EXPECT_EQ(file.loose[0].value.text, "x,y");
    EXPECT_EQ(file.loose[1].value.as, As::list);
    EXPECT_EQ(file.loose[1].value.text, "");
    for (std::size_t i = 2; i < 5; ++i) EXPECT_EQ(file.loose[i].value.as, As::other) << i;
}

TEST(TomlFile, names_the_line_that_is_broken_and_never_repeats_it) {
    struct Case {
        std::string_view text;
        int line;
    };
    for (const Case& each :
         {Case{"a = 1\n[queue]\nttl = \"sk-secret\nb = 2\n", 3}, Case{"a = 1\nb = sk-secret\n", 2},
          Case{"\na: secret\n", 2}, Case{"a = 1\na = 2\n", 2}, Case{"a = 10s\n", 1}, Case{"a = 1\n[*secret]\n", 2},
          Case{"a = 1\n\u00e9 = \"secret\"\n", 2}, Case{"a =\u00a8 \"secret\"\n", 1}}) {
        const TomlFile file = parse_toml(each.text, "dir/e.toml");
        ASSERT_EQ(file.problems.size(), 1u) << each.text;
        EXPECT_EQ(file.problems[0].line, each.line) << each.text;
        const std::string text = to_text(file.problems[0], "error");
        EXPECT_THAT(text, testing::HasSubstr("dir/e.toml, line "));
        EXPECT_EQ(text.find("secret"), std::string::npos) << text;
    }
}

TEST(TomlFile, of_nothing_is_nothing) {
    EXPECT_TRUE(parse_toml("", "e.toml").problems.empty());
    EXPECT_TRUE(parse_toml("# only a comment\n", "e.toml").tables.empty());
}

}  // namespace
}  // namespace evenkeel

#include "frontends/terminal/markdown.hpp"

#include <gtest/gtest.h>

namespace evenkeel::terminal {
namespace {

std::string whole(std::string_view text, bool colours = false) {
    Markdown markdown(colours);
    std::string out = markdown.feed(text);
    return out + markdown.finish();
}

struct Case {
    const char* text;
    const char* shown;
};

const Case cases[] = {
    {"plain text", "plain text"},
    {"**bold** and *it*", "bold and it"},
    {"`a*b` and 2*3 = 6", "a*b and 2*3 = 6"},
    {"snake_case_name", "snake_case_name"},
    {"# Title\ntext", "Title\ntext"},
    {"#hashtag", "#hashtag"},
    {"- one\n- two\n  - deep", "• one\n• two\n  • deep"},
    {"* **key**: value", "• key: value"},
    {"```cpp\nint *a;\n```\nafter", "int *a;\nafter"},
    {"1. first\n2. second", "1. first\n2. second"},
    {"a\x1b[31mb\x07", "a[31mb"},
    {"ends with *", "ends with *"},
    {"> quoted", "> quoted"},
    {"---", "---"},
    {"", ""},
    {"a\n\nb\n", "a\n\nb\n"},
};

TEST(Markdown, shows_what_a_reader_wants) {
    for (const Case& each : cases) EXPECT_EQ(whole(each.text), each.shown) << each.text;
}

TEST(Markdown, shows_the_same_however_the_text_is_split) {
    for (const Case& each : cases) {
        const std::string_view text = each.text;
        for (std::size_t i = 0; i <= text.size(); ++i) {
            Markdown markdown(true);
            std::string out = markdown.feed(text.substr(0, i));
            out += markdown.feed(text.substr(i));
            EXPECT_EQ(out + markdown.finish(), whole(text, true)) << text << " at " << i;
        }
    }
}

TEST(Markdown, holds_back_as_little_as_it_can) {
    Markdown markdown(false);
    EXPECT_EQ(markdown.feed("The ans"), "The ans");
    EXPECT_EQ(markdown.feed("wer *"), "wer ");
    EXPECT_EQ(markdown.feed("is"), "is");
}

TEST(Markdown, a_whole_text_breaks_between_words_and_code_does_not) {
    EXPECT_EQ(readable("A **bold** claim about words\n```\nint a = 1; int b = 2;\n```\nend", false, 20),
              "A bold claim about \nwords\nint a = 1; int b = 2;\nend");
    EXPECT_EQ(readable("A **bold** claim about words", false, 0), "A bold claim about words");
}

TEST(Markdown, ends_plain) {
    const std::string out = whole("**never closed", true);
    EXPECT_TRUE(out.ends_with("\x1b[0m")) << out;
}

}  // namespace
}  // namespace evenkeel::terminal

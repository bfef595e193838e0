#include "frontends/terminal/word_wrap.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "frontends/terminal/screen.hpp"

namespace evenkeel::terminal {
namespace {

/// A terminal as far as it matters here: what stands on it after `bytes`, styles left out.
std::string on_screen(std::string_view bytes, std::size_t columns) {
    std::vector<std::string> lines{""};
    while (!bytes.empty()) {
        if (bytes.starts_with("\x1b[")) {
            const std::size_t end = bytes.find_first_of("mDK");
            const std::string number(bytes.substr(2, end - 2));
            if (bytes[end] == 'D') lines.back().resize(lines.back().size() - std::stoul(number));
            bytes.remove_prefix(end + 1);
        } else if (bytes.front() == '\n') {
            lines.emplace_back();
            bytes.remove_prefix(1);
        } else {
            if (lines.back().size() == columns) lines.emplace_back();
            lines.back() += bytes.front();
            bytes.remove_prefix(1);
        }
    }
    std::string text;
    for (const std::string& line : lines) text += (text.empty() ? "" : "\n") + line;
    return text;
}

TEST(WordWrap, breaks_between_words_and_drops_the_blank) {
    EXPECT_EQ(wrap_words("The quick brown fox jumps over it", 20), "The quick brown fox\njumps over it");
    EXPECT_EQ(wrap_words("The quick brown foxes jump", 20), "The quick brown \nfoxes jump");
    EXPECT_EQ(wrap_words("one\n\ntwo\n", 20), "one\n\ntwo\n");
}

TEST(WordWrap, shows_every_letter_at_once_and_takes_a_broken_word_to_the_next_line) {
    const std::string text = "The quick brown foxes jump over lazy dogs, incomprehensibilities included.";
    WordWrap wrap(20);
    std::string bytes;
    for (const char letter : text) {
        wrap.take(std::string(1, letter));
        const std::string now = wrap.flush();
        if (letter != ' ') EXPECT_TRUE(now.ends_with(letter)) << now;
        bytes += now;
    }
    EXPECT_EQ(on_screen(bytes, 20), on_screen(wrap_words(text, 20), 20));
    EXPECT_EQ(on_screen(bytes, 20),
              "The quick brown \nfoxes jump over \nlazy dogs, \nincomprehensibilitie\ns included.");
    EXPECT_EQ(wrap.rows(), 5u);
}

TEST(WordWrap, stands_the_same_however_it_came) {
    const std::string text = "Grüße aus \x1b[1mÜberlingen\x1b[0m am Bodensee: 漢字仮名交じり文 and code\n\nend";
    const std::string whole = wrap_words(text, 24);
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        WordWrap wrap(24);
        wrap.take(text.substr(0, cut));
        std::string bytes = wrap.flush();
        wrap.take(text.substr(cut));
        bytes += wrap.flush();
        if (bytes.find("\x1b[K") == std::string::npos) {
            EXPECT_EQ(bytes, whole) << cut;
        }
        EXPECT_EQ(wrap.rows(), 5u) << cut;
    }
}

TEST(WordWrap, wide_characters_break_anywhere_within_the_margin) {
    EXPECT_EQ(wrap_words("漢字仮名交じり文漢字仮名", 20), "漢字仮名交じり文漢\n字仮名");
}

TEST(WordWrap, code_keeps_its_lines) {
    WordWrap wrap(20);
    wrap.take("int main() { return 0; }", true);
    EXPECT_EQ(wrap.flush(), "int main() { return 0; }");
    EXPECT_EQ(wrap.rows(), 2u) << "the terminal breaks it";
}

TEST(WordWrap, a_style_within_a_word_survives_the_move) {
    WordWrap wrap(20);
    wrap.take("The quick \x1b[1mbrown f");
    std::string bytes = wrap.flush();
    EXPECT_EQ(bytes, "The quick \x1b[1mbrown f");
    wrap.take("oxes\x1b[0m jump");
    EXPECT_EQ(wrap.flush(), "\x1b[1D\x1b[K\x1b[1m\nfoxes\x1b[0m jump");
}

TEST(WordWrap, leaves_a_screen_that_is_too_narrow_alone) {
    EXPECT_EQ(wrap_words("The quick brown fox", 10), "The quick brown fox");
}

}  // namespace
}  // namespace evenkeel::terminal

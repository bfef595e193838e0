#include "resilience/splice.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace evenkeel {
namespace {

using Second = Splice::Second;
using State = Splice::State;

/// The whole text that a reader has in the end, the second text coming in pieces of `size`; nothing where it differs.
std::optional<std::string> joined(Second second, const std::string& first, const std::string& text, std::size_t size) {
    Splice splice(second, first);
    State state = State::undecided;
    std::size_t at = 0;
    while (state == State::undecided && at < text.size()) {
        state = splice.feed(std::string_view(text).substr(at, size));
        at = std::min(text.size(), at + size);
    }
    if (state == State::undecided) state = splice.end();
    if (state != State::fits) return std::nullopt;
    return first + std::string(splice.rest()) + text.substr(at);
}

struct Case {
    const char* name;
    std::string first, second;
    std::optional<std::string> whole;
};

void check(Second second, const Case& each) {
    for (std::size_t size = 1; size <= each.second.size() + 1; ++size)
        EXPECT_EQ(joined(second, each.first, each.second, size), each.whole) << each.name << ", pieces of " << size;
}

TEST(Splice, an_answer_anew_fits_only_if_it_begins_with_what_was_sent) {
    check(Second::whole, {"the same", "A keel ", "A keel is a beam.", "A keel is a beam."});
    check(Second::whole, {"cut within a word", "A ke", "A keel is a beam.", "A keel is a beam."});
    check(Second::whole, {"ends where the first was cut", "A keel", "A keel", "A keel"});
    check(Second::whole, {"another text", "A keel is", "A keel was a beam.", std::nullopt});
    check(Second::whole, {"shorter than the first", "A keel is", "A keel", std::nullopt});
    check(Second::whole, {"one blank more", "A keel", " A keel is", std::nullopt});
}

TEST(Splice, a_continuation_is_taken_as_it_comes) {
    check(Second::continuation,
          {"behind a word", "The capital of", " France is Paris.", "The capital of France is Paris."});
    check(Second::continuation, {"within a word", "The capital of Fra", "nce.", "The capital of France."});
    check(Second::continuation, {"one letter alike", "Hel", "lo", "Hello"});
    check(Second::continuation, {"a word like the last half", "I saw a can", "nery", "I saw a cannery"});
    check(Second::continuation, {"a mark", "Yes", ", it is.", "Yes, it is."});
    check(Second::continuation, {"one character", "Y", "es", "Yes"});
    check(Second::continuation, {"the next of a list", "1, 1", ", 1, 2", "1, 1, 1, 2"});
    check(Second::continuation, {"a line like the last", "  }\n  }", "\n  }\n}", "  }\n  }\n  }\n}"});
    check(Second::continuation, {"digits", "3.1", "14", "3.114"});
}

TEST(Splice, what_a_continuation_repeats_is_left_out) {
    check(Second::continuation,
          {"half a word", "The capital of Fra", "France is Paris.", "The capital of France is Paris."});
    check(Second::continuation, {"the last word", "It sat on the", "the mat.", "It sat on the mat."});
    check(Second::continuation,
          {"the last words", "A cat sat on the mat", "on the mat and slept.", "A cat sat on the mat and slept."});
    check(Second::continuation, {"all of it", "A cat sat on", "A cat sat on the mat.", "A cat sat on the mat."});
    check(Second::continuation, {"the longer of two repeats", "so he said so he said", "so he said so he said: go",
                                 "so he said so he said: go"});
    check(Second::continuation, {"a script without blanks", "今日は天気", "天気がいい", "今日は天気がいい"});
    check(Second::continuation, {"one doubled character is a word of that script", "人", "人", "人人"});
}

TEST(Splice, blanks_that_were_sent_do_not_come_again) {
    check(Second::continuation, {"a blank", "one, ", " two", "one, two"});
    check(Second::continuation, {"none comes", "one, ", "two", "one, two"});
    check(Second::continuation, {"more lines come", "List:\n", "\n\n- one", "List:\n\n- one"});
    check(Second::continuation, {"a blank instead of a line", "List:\n", " one", "List:\none"});
    check(Second::continuation, {"behind a repeat", "on the mat ", "the mat and", "on the mat and"});
}

TEST(Splice, a_continuation_that_only_says_again_what_was_said_is_none) {
    check(Second::continuation, {"the beginning of the last words", "A cat sat on the mat", "on the", std::nullopt});
}

TEST(Splice, a_long_first_text_is_searched_at_its_end_and_its_beginning_only) {
    std::string first = "Begin. needle here. ";
    while (first.size() < 4'000) first += "word after word ";
    first += "end";
    EXPECT_EQ(joined(Second::continuation, first, "needle here. More", 1), first + "needle here. More");
    EXPECT_EQ(joined(Second::continuation, first, first + ". More", 7), first + ". More");
}

TEST(Splice, blanks_at_the_end_are_not_prefilled) {
    EXPECT_EQ(Splice::prefill("one, \n"), "one,");
    EXPECT_EQ(Splice::prefill(" \n"), "");
}

}  // namespace
}  // namespace evenkeel

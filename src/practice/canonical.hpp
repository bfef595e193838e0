#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace evenkeel::practice {

/// A question with this in it is answered with sixty numbered words instead of prose, so that a test can see at a
/// glance whether anything is missing, twice, or out of order.
inline constexpr std::string_view numbered_mark = "[numbered]";
inline constexpr int numbered_words = 60;

/// What a practice provider says to that question: always the same, labelled as practice, about sixty words, and
/// holding the question's last line so that an answer can be matched with what was asked.
std::string canonical_answer(std::string_view question);

/// The pieces in which it is streamed: a word each, its leading blank included. Joined they are the text.
std::vector<std::string_view> tokens_of(std::string_view text);

/// The last line that is not blank, shortened to 200 characters: the part of a question that an answer repeats.
std::string last_line(std::string_view question);

}  // namespace evenkeel::practice

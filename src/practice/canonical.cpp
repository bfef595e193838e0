#include "practice/canonical.hpp"

#include "core/text.hpp"

namespace evenkeel::practice {
namespace {

constexpr std::size_t line_characters_max = 200;

std::string prose(const std::string& subject) {
    return "[practice] You asked: \"" + subject +
           "\". This is a rehearsed reply by a practice provider, not by a model. It came over a real connection, word "
           "by word, through the same client, judge and queue that serve a real provider, and it is now part of this "
           "conversation. Set NANOGPT_API_KEY or start Ollama to talk to a model; try an outage to see the fallback "
           "take over.";
}

std::string numbered(const std::string& subject) {
    std::string text = "[practice] " + subject;
    for (int n = 1; n <= numbered_words; ++n) text += " [" + std::to_string(n) + "]";
    return text;
}

}  // namespace

std::string last_line(std::string_view question) {
    question = trimmed(question);
    const auto line_end = question.find_last_of("\r\n");
    return one_line(line_end == question.npos ? question : question.substr(line_end + 1), line_characters_max);
}

std::string canonical_answer(std::string_view question) {
    const std::string subject = last_line(question);
    return question.find(numbered_mark) == question.npos ? prose(subject) : numbered(subject);
}

std::vector<std::string_view> tokens_of(std::string_view text) {
    std::vector<std::string_view> tokens;
    while (!text.empty()) {
        const auto word = text.find_first_not_of(" \n");
        const auto end = text.find_first_of(" \n", word == text.npos ? text.size() : word);
        tokens.push_back(text.substr(0, end));
        text.remove_prefix(tokens.back().size());
    }
    return tokens;
}

}  // namespace evenkeel::practice

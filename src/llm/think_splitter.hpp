#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/text.hpp"

namespace evenkeel {

/// Tells inline reasoning from the answer: `<think>…</think>` at the very beginning of the content, as many local
/// models and proxies send it. A tag may be split anywhere between deltas. A `<think>` later in the text is text. What
/// might still become a tag is held back, at most seven bytes.
class ThinkSplitter {
public:
    /// Gives the pieces of `text` to `content(std::string_view)` and `reasoning(std::string_view)`, never empty.
    template <class Content, class Reasoning>
    void feed(std::string_view text, Content content, Reasoning reasoning);
    /// The stream has ended: what was held back is text.
    template <class Content, class Reasoning>
    void finish(Content content, Reasoning reasoning);

private:
    static constexpr std::string_view opening = "<think>";
    static constexpr std::string_view closing = "</think>";
    enum class State : std::uint8_t { start, thinking, after, answer };

    /// How long a beginning of `tag` stands at the end of `text`.
    static std::size_t tag_begun_in(std::string_view text, std::string_view tag) noexcept {
        for (std::size_t length = std::min(text.size(), tag.size() - 1); length > 0; --length)
            if (text.ends_with(tag.substr(0, length))) return length;
        return 0;
    }
    std::string_view take_opening(std::string_view text) noexcept;
    template <class Reasoning>
    std::string_view think(std::string_view text, Reasoning reasoning);

    State state_ = State::start;
    std::size_t held_ = 0;  ///< Bytes of the tag that is awaited, seen at the end of the last delta.
};

template <class Content, class Reasoning>
void ThinkSplitter::feed(std::string_view text, Content content, Reasoning reasoning) {
    if (state_ == State::start) {
        const std::string_view rest =
            held_ > 0 ? text : text.substr(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
        if (held_ == 0 && rest.size() < text.size()) content(text.substr(0, text.size() - rest.size()));
        text = rest;
        std::size_t same = 0;
        while (same < text.size() && held_ + same < opening.size() && text[same] == opening[held_ + same]) ++same;
        if (held_ + same == opening.size()) {
            state_ = State::thinking;
            held_ = 0;
            text.remove_prefix(same);
        } else if (same == text.size()) {
            held_ += same;
            return;
        } else {
            state_ = State::answer;
            if (held_ > 0) content(opening.substr(0, held_));
            held_ = 0;
        }
    }
    if (state_ == State::thinking) text = think(text, reasoning);
    if (state_ == State::after) {
        // The blank lines between the thought and the answer belong to neither.
        text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
        if (!text.empty()) state_ = State::answer;
    }
    if (!text.empty()) content(text);
}

template <class Reasoning>
std::string_view ThinkSplitter::think(std::string_view text, Reasoning reasoning) {
    while (held_ > 0 && !text.empty()) {
        if (text.front() == closing[held_]) {
            text.remove_prefix(1);
            if (++held_ == closing.size()) {
                held_ = 0;
                state_ = State::after;
                return text;
            }
        } else {
            reasoning(closing.substr(0, held_));
            held_ = 0;
        }
    }
    if (text.empty()) return text;
    if (const std::size_t end = text.find(closing); end != std::string_view::npos) {
        if (end > 0) reasoning(text.substr(0, end));
        state_ = State::after;
        return text.substr(end + closing.size());
    }
    held_ = tag_begun_in(text, closing);
    if (held_ < text.size()) reasoning(text.substr(0, text.size() - held_));
    return {};
}

template <class Content, class Reasoning>
void ThinkSplitter::finish(Content content, Reasoning reasoning) {
    if (held_ == 0) return;
    if (state_ == State::thinking)
        reasoning(closing.substr(0, held_));
    else
        content(opening.substr(0, held_));
    held_ = 0;
}

}  // namespace evenkeel

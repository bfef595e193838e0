#include "resilience/splice.hpp"

#include <algorithm>

namespace evenkeel {
namespace {

constexpr std::string_view blanks = " \t\r\n";

bool is_ascii_word(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool is_beyond_ascii(char c) noexcept { return static_cast<unsigned char>(c) >= 0x80; }

/// Does a word, or a character of a script without blanks between words, begin here?
bool begins_word(std::string_view text, std::size_t at) noexcept {
    if ((static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) return false;
    return at == 0 || !is_ascii_word(text[at - 1]) || !is_ascii_word(text[at]);
}

}  // namespace

Splice::Splice(Second second, std::string_view first) : second_(second), first_(first), prefill_(prefill(first)) {}

std::string_view Splice::prefill(std::string_view first) noexcept {
    const std::size_t last = first.find_last_not_of(blanks);
    return last == std::string_view::npos ? std::string_view() : first.substr(0, last + 1);
}

Splice::State Splice::feed(std::string_view text) {
    if (text.empty()) return State::undecided;
    return second_ == Second::whole ? feed_whole(text) : feed_continuation(text);
}

Splice::State Splice::feed_whole(std::string_view text) {
    const std::size_t again = std::min(text.size(), first_.size() - matched_);
    if (text.substr(0, again) != first_.substr(matched_, again)) return State::differs;
    matched_ += again;
    if (matched_ < first_.size()) return State::undecided;
    rest_ = text.substr(again);
    return State::fits;
}

Splice::State Splice::feed_continuation(std::string_view text) {
    const std::size_t before = held_.size();
    held_ += text;
    // Whoever truly goes on behind a whole word begins with a blank or a mark; who begins with the word, repeats it.
    if (before == 0) find_repeats(held_.front());
    narrow_repeats(before);
    return settle(false);
}

void Splice::find_repeats(char begin) {
    if (!is_ascii_word(begin) && !is_beyond_ascii(begin)) return;
    const std::size_t tail = prefill_.size() - std::min(prefill_.size(), repeat_bytes_max);
    for (std::size_t at = 0; at < prefill_.size(); at = std::max(at + 1, tail))
        if (prefill_[at] == begin && begins_word(prefill_, at)) repeats_.push_back(at);
}

void Splice::narrow_repeats(std::size_t from) {
    std::erase_if(repeats_, [&](std::size_t start) {
        const std::string_view repeated = prefill_.substr(start);
        const std::size_t common = std::min(repeated.size(), held_.size());
        const std::size_t begin = std::min(from, common);
        if (repeated.substr(begin, common - begin) != std::string_view(held_).substr(begin, common - begin))
            return true;
        if (held_.size() < repeated.size()) return false;
        const bool enough =
            repeated.size() >= (is_beyond_ascii(repeated.front()) ? repeat_bytes_min_beyond_ascii : repeat_bytes_min);
        if (enough) repeated_ = std::max(repeated_, repeated.size());
        return true;
    });
}

Splice::State Splice::settle(bool ended) {
    if (!repeats_.empty()) return ended ? State::differs : State::undecided;
    const std::string_view fresh = std::string_view(held_).substr(repeated_);
    const std::string_view sent = first_.substr(prefill_.size());
    const std::size_t visible = std::min(fresh.find_first_not_of(blanks), fresh.size());
    if (visible == fresh.size() && !ended && !sent.empty()) return State::undecided;
    // The blanks that were sent behind the prefill are not to come again, whichever blanks now stand there.
    rest_ = fresh.starts_with(sent) ? fresh.substr(sent.size()) : fresh.substr(visible);
    return State::fits;
}

Splice::State Splice::end() {
    if (second_ == Second::whole) return matched_ == first_.size() ? State::fits : State::differs;
    return settle(true);
}

}  // namespace evenkeel

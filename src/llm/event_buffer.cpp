#include "llm/event_buffer.hpp"

namespace evenkeel {

void EventBuffer::add(ReplyEvent::Kind kind, std::string_view text) {
    const std::size_t begin = text_.size();
    text_ += text;
    // The view is only right as to its length until `events` places it: text_ may still move.
    events_.push_back({.kind = kind, .text = std::string_view(text_).substr(begin)});
}

void EventBuffer::clear() noexcept {
    text_.clear();
    events_.clear();
}

std::span<const ReplyEvent> EventBuffer::events() noexcept {
    std::size_t begin = 0;
    for (ReplyEvent& event : events_) {
        event.text = std::string_view(text_).substr(begin, event.text.size());
        begin += event.text.size();
    }
    return events_;
}

}  // namespace evenkeel

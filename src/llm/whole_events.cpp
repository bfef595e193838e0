#include "llm/whole_events.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/json.hpp"
#include "net/sse_parser.hpp"

namespace evenkeel {
namespace {

constexpr std::array<std::string_view, 3> blank_lines{"\n\n", "\r\n\r\n", "\r\r"};

/// The bytes of the first event in `text`, with its blank line; 0 where that has not come.
std::size_t first_event(std::string_view text) noexcept {
    std::size_t end = std::string_view::npos;
    for (const std::string_view blank_line : blank_lines)
        if (const std::size_t at = text.find(blank_line); at != std::string_view::npos)
            end = std::min(end, at + blank_line.size());
    return end == std::string_view::npos ? 0 : end;
}

/// The bytes of all whole events (or lines) in `text`.
std::size_t whole_part(std::string_view text, WireFormat format) noexcept {
    if (format == WireFormat::ollama_lines) return text.rfind('\n') + 1;
    std::size_t end = 0;
    for (const std::string_view blank_line : blank_lines) {
        if (text.ends_with(blank_line)) return text.size();
        if (const std::size_t at = text.rfind(blank_line); at != std::string_view::npos)
            end = std::max(end, at + blank_line.size());
    }
    return end;
}

bool is_usage_alone(std::string_view event) {
    if (!event.contains("\"usage\"")) return false;
    SseParser parser;
    auto events = parser.feed(event);
    if (!events || events->size() != 1) return false;
    JsonDoc document;
    const auto root = document.parse(events->front().data);
    return root && (*root)["choices"].is_array() && (*root)["choices"].size() == 0 && (*root)["usage"].is_object();
}

bool is_streamed(WireFormat format) noexcept {
    return format == WireFormat::openai_events || format == WireFormat::ollama_lines;
}

}  // namespace

std::string_view WholeEvents::take(std::string_view wire, WireFormat format, bool finished) {
    if (!is_streamed(format)) return wire;
    const bool filters = hides_usage_ && finished && format == WireFormat::openai_events;
    const std::size_t whole = whole_part(wire, format);
    if (held_.empty() && whole == wire.size()) return filters ? without_usage(wire) : wire;
    out_ = std::move(held_);
    out_ += wire;
    // A blank line may have been cut in two, so what was held counts too.
    const std::size_t passes = whole_part(out_, format);
    held_.assign(out_, passes);
    out_.resize(passes);
    return filters ? without_usage(out_) : out_;
}

std::string_view WholeEvents::end(std::string_view wire, WireFormat format, bool marked) {
    if (!is_streamed(format)) return wire;
    const bool lacks_mark = format == WireFormat::openai_events && !marked;
    if (!lacks_mark && held_.empty() && whole_part(wire, format) == wire.size()) return take(wire, format, true);
    out_ = std::exchange(held_, {});
    out_ += wire;
    // The last one lacks its end, which readers wait for.
    if (whole_part(out_, format) < out_.size()) out_ += format == WireFormat::ollama_lines ? "\n" : "\n\n";
    if (lacks_mark) out_ += "data: [DONE]\n\n";
    return hides_usage_ && format == WireFormat::openai_events ? without_usage(out_) : out_;
}

std::string_view WholeEvents::without_usage(std::string_view events) {
    if (!events.contains("\"usage\"")) return events;
    std::string kept;  // Not out_: `events` may lie there.
    for (std::size_t length = first_event(events); length > 0; length = first_event(events)) {
        const std::string_view event = events.substr(0, length);
        if (!is_usage_alone(event)) kept += event;
        events.remove_prefix(length);
    }
    out_ = std::move(kept);
    return out_;
}

}  // namespace evenkeel

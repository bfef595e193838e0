// Server-sent events: how the bytes are split never changes the events.
#include <string>

#include "fuzz/fuzz.hpp"
#include "net/sse_parser.hpp"

namespace evenkeel::fuzz {
namespace {

class Reading {
public:
    bool take(std::string_view piece) { return tell(parser_.feed(piece)); }
    std::string transcript() {
        if (!broken_) (void)tell(parser_.finish());
        return transcript_ + std::to_string(broken_ ? 0 : parser_.comments());
    }

private:
    bool tell(const Result<std::span<const SseEvent>>& events) {
        if (!events) {
            broken_ = true;
            transcript_ += "broken " + events.error().code + "\n";
            return false;
        }
        for (const SseEvent& event : *events) {
            require(event.data.find_first_not_of(" \t\n") != std::string_view::npos, "a blank event was given");
            transcript_.append(event.name).append(":").append(event.data).append("\n");
        }
        return true;
    }
    SseParser parser_{{.line_bytes_max = 256, .event_bytes_max = 512}};
    std::string transcript_;
    bool broken_ = false;
};

}  // namespace

void fuzz_one(std::string_view input) {
    const std::string_view seed = take_text(input, 4);
    Reading whole, split;
    if (!input.empty()) (void)whole.take(input);
    in_pieces(input, seed, [&](std::string_view piece) { return split.take(piece); });
    require_same(whole.transcript(), split.transcript(), "splitting a stream changed its events");
}

}  // namespace evenkeel::fuzz

// Newline-delimited JSON: how the bytes are split never changes the lines.
#include <string>

#include "fuzz/fuzz.hpp"
#include "net/ndjson_parser.hpp"

namespace evenkeel::fuzz {
namespace {

class Reading {
public:
    bool take(std::string_view piece) { return tell(parser_.feed(piece)); }
    std::string transcript() {
        if (!broken_) (void)tell(parser_.finish());
        return transcript_;
    }

private:
    bool tell(const Result<std::span<const std::string_view>>& lines) {
        if (!lines) {
            broken_ = true;
            transcript_ += "broken " + lines.error().code + "\n";
            return false;
        }
        for (const std::string_view line : *lines) {
            require(line.find('\n') == std::string_view::npos, "a line holds a line's end");
            transcript_.append(line).append("\n");
        }
        return true;
    }
    NdjsonParser parser_{256};
    std::string transcript_;
    bool broken_ = false;
};

}  // namespace

void fuzz_one(std::string_view input) {
    const std::string_view seed = take_text(input, 4);
    Reading whole, split;
    if (!input.empty()) (void)whole.take(input);
    in_pieces(input, seed, [&](std::string_view piece) { return split.take(piece); });
    require_same(whole.transcript(), split.transcript(), "splitting a stream changed its lines");
}

}  // namespace evenkeel::fuzz

#include "net/http_chunked.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

namespace evenkeel::http {

std::string_view ChunkedDecoder::decode(std::span<char> wire, std::size_t& used) {
    std::size_t body_at = 0, body_bytes = 0;
    used = 0;
    while (used < wire.size() && state_ != State::whole && state_ != State::broken) {
        char* const at = wire.data() + used;
        const std::size_t ahead = wire.size() - used;
        if (state_ == State::data) {
            const std::size_t part = std::min(left_, ahead);
            // The first run stays where it is, later ones move up to it: one chunk costs no copy.
            if (body_bytes == 0)
                body_at = used;
            else
                std::memmove(wire.data() + body_at + body_bytes, at, part);
            body_bytes += part;
            left_ -= part;
            used += part;
            if (left_ == 0) state_ = State::data_end;
            continue;
        }
        const auto* const lf = static_cast<const char*>(std::memchr(at, '\n', ahead));
        const std::size_t part = lf == nullptr ? ahead : static_cast<std::size_t>(lf - at) + 1;
        const std::string_view text(at, part);
        used += part;
        if (line_.size() + part > (state_ == State::trailer ? trailer_bytes_max : line_bytes_max)) {
            break_off("a line of the chunked body is too long");
        } else if (lf == nullptr) {
            line_ += text;
        } else if (line_.empty()) {
            take_line(text);
        } else {
            line_ += text;
            take_line(std::exchange(line_, {}));
        }
    }
    return {wire.data() + body_at, body_bytes};
}

void ChunkedDecoder::take_line(std::string_view line) {
    line.remove_suffix(1);
    if (line.ends_with('\r'))
        line.remove_suffix(1);
    else if (manner_ == Manner::strict)
        return break_off("a line of the chunked body ends without CR");
    if (state_ == State::size) return take_size(line);
    if (state_ == State::trailer) return take_trailer(line);
    if (!line.empty()) return break_off("a chunk is longer than its size");
    state_ = State::size;
}

void ChunkedDecoder::take_size(std::string_view line) {
    const auto is_hex = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    };
    const std::string_view digits(line.begin(), std::ranges::find_if_not(line, is_hex));
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), left_, 16);
    if (error != std::errc{}) return break_off("a chunk size is not a number");
    std::string_view rest = line.substr(digits.size());
    if (manner_ == Manner::lenient)
        while (rest.starts_with(' ') || rest.starts_with('\t')) rest.remove_prefix(1);
    if (!rest.empty() && (!rest.starts_with(';') || !is_field_value(rest)))
        return break_off("something other than an extension follows a chunk size");
    state_ = left_ == 0 ? State::trailer : State::data;
}

void ChunkedDecoder::take_trailer(std::string_view line) {
    if (line.empty()) {
        state_ = State::whole;
        return;
    }
    trailer_bytes_ += line.size();
    if (trailer_bytes_ > trailer_bytes_max) return break_off("the trailers of the chunked body are too long");
    if (manner_ == Manner::strict && !parse_field(line, manner_)) break_off("a trailer is no field");
}

void ChunkedDecoder::break_off(std::string_view why) noexcept {
    problem_ = why;
    state_ = State::broken;
}

}  // namespace evenkeel::http

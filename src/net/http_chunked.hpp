#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "net/http_fields.hpp"

namespace evenkeel::http {

/// The chunked transfer coding, undone in place. Strict: sizes are hex digits and nothing else but an extension, lines
/// end in CRLF, trailers must be fields. Lenient: blanks after a size and LF alone are borne. Trailers are dropped,
/// never merged; extensions are skipped.
class ChunkedDecoder {
public:
    /// Of a size line, with its extension.
    static constexpr std::size_t line_bytes_max = 256;
    static constexpr std::size_t trailer_bytes_max = 8 * 1024;

    explicit ChunkedDecoder(Manner manner) noexcept : manner_(manner) {}

    /// Decodes `wire` and moves its body bytes together: the result is a view into `wire`. `used` is set to how many
    /// bytes were taken, which is all of them unless the body ended or is broken.
    std::string_view decode(std::span<char> wire, std::size_t& used);
    bool whole() const noexcept { return state_ == State::whole; }
    /// Why it is no chunked body; empty while it is one.
    std::string_view problem() const noexcept { return problem_; }

private:
    enum class State : std::uint8_t { size, data, data_end, trailer, whole, broken };
    void take_line(std::string_view line);
    void take_size(std::string_view line);
    void take_trailer(std::string_view line);
    void break_off(std::string_view why) noexcept;

    Manner manner_;
    State state_ = State::size;
    std::size_t left_ = 0;           ///< Bytes of the present chunk that are still to come.
    std::size_t trailer_bytes_ = 0;  ///< So far.
    std::string line_;               ///< The beginning of a line whose end has not arrived.
    std::string_view problem_;
};

}  // namespace evenkeel::http

#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "net/http_chunked.hpp"
#include "net/http_fields.hpp"

namespace evenkeel::http {

/// Replies as a client may read them, as a push machine: lenient where that is safe, since the connection serves nobody
/// else, and bounded. Interim replies (1xx) are skipped; where both Content-Length and chunked are given, chunked
/// counts and the connection is not used again; without either the body lasts until the connection closes.
class ResponseParser {
public:
    enum class State : std::uint8_t { head, body, whole, broken };

    /// `to_head`: the reply to a HEAD request, which has no body whatever it says.
    ResponseParser(const HttpClientLimits& limits, bool to_head) noexcept
        : limits_(limits), to_head_(to_head), reader_(Manner::lenient, limits.head_bytes_max) {}
    ResponseParser(const ResponseParser&) = delete;
    ResponseParser& operator=(const ResponseParser&) = delete;

    /// Takes all of `wire`; gives the bytes of the body in it, moved together, as a view into it.
    std::string_view take(std::span<char> wire);
    /// The peer has closed: that ends a body without a length, and cuts everything else.
    void end();

    State state() const noexcept { return state_; }
    /// Not a byte has arrived.
    bool untouched() const noexcept { return untouched_; }
    /// From `body` on.
    int status() const noexcept { return status_; }
    std::string_view header(std::string_view name) const noexcept;
    /// Once `whole`: another request may follow on the connection.
    bool keeps_alive() const noexcept { return keeps_alive_; }
    /// Once `broken`: transient "closed" (nothing came) or "cut"; bad_answer "not_http", "head_too_big", "framing",
    /// "body_too_big", "content_encoding".
    const Error& error() const noexcept { return error_; }

private:
    void take_head();
    bool take_status_line(std::string_view line);
    void take_framing(std::string_view fields);
    std::string_view take_body(std::span<char> wire);
    void break_off(ErrorClass cls, std::string_view code, std::string detail);

    HttpClientLimits limits_;
    bool to_head_;
    State state_ = State::head;
    HeadReader reader_;
    int status_ = 0;
    std::size_t interims_ = 0;
    bool untouched_ = true, is_http_1_0_ = false, keeps_alive_ = false;
    std::optional<std::size_t> left_;  ///< Of a body with Content-Length.
    std::optional<ChunkedDecoder> chunked_;
    std::size_t body_bytes_ = 0;
    Error error_;
};

}  // namespace evenkeel::http

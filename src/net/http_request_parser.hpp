#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "net/http_chunked.hpp"
#include "net/http_fields.hpp"
#include "net/http_server.hpp"

namespace evenkeel::http {

/// Why a request is not served. After it nothing more of the connection can be trusted: answer and close.
struct Refusal {
    int status = 400;
    std::string_view reason;  ///< One sentence, never a byte of the request.
};

/// Requests as a server must read them, as a push machine: whatever two readers could understand differently is
/// refused (RFC 9112; http-garden's patterns). 400 malformed, 413 and 431 over a limit, 417 an unknown expectation,
/// 501 CONNECT or a transfer coding other than exactly "chunked", 505 another version.
class RequestParser {
public:
    enum class State : std::uint8_t { head, body, whole, refused };

    /// `spare`: memory of large bodies, shared by the connections of a server; null: each request has its own.
    explicit RequestParser(const HttpServerLimits& limits, std::vector<std::string>* spare = nullptr) noexcept
        : limits_(limits), spare_(spare), reader_(Manner::strict, limits.head_bytes_max) {}

    /// Takes from the front of `input` what belongs to this request; may move bytes within it. When `whole` the rest
    /// is the next request's.
    State take(std::span<char>& input);
    State state() const noexcept { return state_; }
    /// Bytes of the head have arrived, but not all.
    bool begun() const noexcept { return reader_.begun(); }

    /// Once `whole`. All but `peer` is set.
    HttpIncoming& request() noexcept { return request_; }
    /// Once `refused`.
    const Refusal& refusal() const noexcept { return refusal_; }
    /// From `body` on: the client would send another request on this connection.
    bool keeps_alive() const noexcept { return keeps_alive_; }
    bool is_http_1_0() const noexcept { return is_http_1_0_; }
    /// In `body`: the client holds it back until it reads "100 Continue". True once.
    bool take_expectation() noexcept { return std::exchange(awaits_continue_, false); }
    /// Once nobody asks for a field of the request any more: gives back their memory.
    void drop_fields() noexcept { request_.headers = {}; }
    /// For the next request.
    void reset();

private:
    /// What decides how the message goes on; counted, since repetition is refused.
    struct Framing {
        std::size_t hosts = 0, lengths = 0, codings = 0;
        std::string_view host, length, coding;
        bool says_close = false, says_keep_alive = false, expects = false;
    };
    State refuse(int status, std::string_view reason) noexcept;
    State take_head();
    bool take_request_line(std::string_view line);
    bool take_field(const Field& field, Framing& framing);
    bool take_target(std::string_view host);
    State take_framing(const Framing& framing);
    State take_body(std::span<char>& input);
    void give_body_back();

    HttpServerLimits limits_;
    std::vector<std::string>* spare_;
    State state_ = State::head;
    HeadReader reader_;
    HttpIncoming request_;
    Refusal refusal_;
    bool is_http_1_0_ = false, keeps_alive_ = true, awaits_continue_ = false;
    std::size_t left_ = 0;  ///< Of a body with Content-Length.
    std::optional<ChunkedDecoder> chunked_;
};

}  // namespace evenkeel::http

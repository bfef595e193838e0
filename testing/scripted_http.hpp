#pragma once
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/async.hpp"
#include "core/env.hpp"
#include "net/http_client.hpp"

namespace evenkeel::testing {

/// What an upstream sends back to one request, on virtual time. Without `cut` or `hang` the body ends in good order.
///
///     HttpScript(200).wait(50ms).bytes("data: {…}\n\n").wait(10ms).bytes("data: [DONE]\n\n")
class HttpScript {
public:
    explicit HttpScript(int status = 200) : status_(status) {}
    HttpScript& header(std::string name, std::string value);
    HttpScript& wait(Nanos duration);
    /// One receive.
    HttpScript& bytes(std::string piece);
    /// The connection breaks: before the head where nothing stands before it.
    HttpScript& cut();
    HttpScript& hang();  ///< Nothing more, ever.
    /// No reply at all: send() fails so.
    HttpScript& refuse(Error error);

private:
    friend class ScriptedHttp;
    friend class ScriptedHttpReply;
    struct Step {
        enum class Kind : std::uint8_t { wait, bytes, cut, hang, refuse };
        Kind kind = Kind::hang;
        Nanos duration{0};
        std::string piece;
        Error error;
    };
    int status_;
    HttpHeaders headers_;
    std::vector<Step> steps_;
};

/// A whole reply at once.
HttpScript replying(int status, std::string body);
/// The same body in receives of `size` bytes.
HttpScript replying_in_pieces(std::string_view body, std::size_t size);
/// The same body in two receives, split at `at`.
HttpScript replying_split(std::string_view body, std::size_t at);

/// An upstream without a network: plays scripts, keeps what it was asked.
class ScriptedHttp final : public HttpSender {
public:
    explicit ScriptedHttp(Env env) : env_(env) {}
    /// For the next request; once these are used up, 503 with an empty body.
    ScriptedHttp& then(HttpScript script);
    /// For every request to that path; wins over `then`.
    ScriptedHttp& at(std::string target, HttpScript script);

    Task<Result<std::unique_ptr<HttpReply>>> send(HttpRequest request) override;

    std::vector<HttpRequest> requests;
    std::size_t replies_open = 0;  ///< Alive now.
    std::size_t bodies_ended = 0;  ///< Read to their end, so that a connection could be used again.

private:
    friend class ScriptedHttpReply;
    Env env_;
    std::deque<HttpScript> scripts_;
    std::map<std::string, HttpScript> by_target_;
};

}  // namespace evenkeel::testing

#pragma once
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/env.hpp"
#include "net/connection.hpp"

namespace evenkeel {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;
/// Names and values as they stand in a head that somebody keeps.
using HttpFieldViews = std::vector<std::pair<std::string_view, std::string_view>>;

struct HttpRequest {
    std::string method = "GET";
    std::string target = "/";  ///< Path and query as they go on the wire.
    HttpHeaders headers;       ///< Host, Content-Length and Connection are the client's business.
    std::string body;
    /// More of the body, behind `body`: bytes of others that are not copied. They live until send() has ended.
    std::span<const std::string_view> pieces;
    /// Method, target and headers are those of this one instead, which never changes and outlives the sender. So a head
    /// that is sent again and again is written once.
    const HttpRequest* like = nullptr;
};

/// A reply whose body is still arriving. Destroying it gives the connection back if the body was read to its end, else
/// closes it.
class HttpReply {
public:
    virtual ~HttpReply() = default;
    virtual int status() const noexcept = 0;
    /// First value of that field, compared without case; empty where absent. Valid as long as the reply.
    virtual std::string_view header(std::string_view name) const noexcept = 0;
    /// The next bytes of the body, transfer coding undone; empty at its end. The view dies at the next call.
    /// Errors: transient (cut short: fewer bytes than promised, or no last chunk), bad_answer (framing, or over a
    /// limit).
    virtual Task<Result<std::string_view>> read() = 0;
};

/// Whatever can carry a request to one upstream. Implementations: HttpClient; scripted twins in tests.
class HttpSender {
public:
    virtual ~HttpSender() = default;
    /// Resumes when status and headers are in; interim 1xx are skipped. Any status is a success here: its meaning is
    /// the adapter's business. No deadline of its own beyond the endpoint's connect_timeout: whoever awaits it drops
    /// it. Errors: as Network::dial, and transient (reset, closed before the first byte), bad_answer (not HTTP, head
    /// too big).
    virtual Task<Result<std::unique_ptr<HttpReply>>> send(HttpRequest request) = 0;
};

struct HttpClientLimits {
    std::size_t head_bytes_max = 64 * 1024;         ///< Status line and fields together.
    std::size_t body_bytes_max = 64 * 1024 * 1024;  ///< Of one reply, transfer coding undone.
    std::size_t idle_max = 16;                      ///< Connections kept for later, newest used first.
    Millis idle_for{55'000};                        ///< Then they are closed. Below the usual 60–75 s of servers.
};

/// HTTP/1.1 to one upstream over kept connections. A request on a reused connection that died before its first response
/// byte is sent once more on a fresh one. Accept-Encoding is identity. Outlives its replies. One loop.
std::unique_ptr<HttpSender> make_http_client(Env env, Network& network, Endpoint endpoint,
                                             HttpClientLimits limits = {});

}  // namespace evenkeel

#pragma once
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/async.hpp"
#include "core/env.hpp"
#include "net/connection.hpp"
#include "net/http_client.hpp"

namespace evenkeel {

/// A request as received, whole.
struct HttpIncoming {
    // Views into the head, which is kept as long as the request is served.
    std::string_view method;
    std::string_view target;  ///< As on the wire.
    std::string_view query;   ///< Raw, without '?'.
    HttpFieldViews headers;
    std::string path;  ///< Percent-decoded, without the query.
    std::string body;
    std::string peer;
    /// First value of that field, compared without case; empty where absent.
    std::string_view header(std::string_view name) const noexcept;
};

/// Header fields ready for the wire, "Name: value\r\n" each. Whoever writes them answers for them: no line break, and
/// none that decides framing (Content-Length, Transfer-Encoding, Connection).
struct FieldLines {
    std::string_view text;
};

/// Where a handler writes its reply: either respond() or answer(); or start() or begin(), write()…, finish(). A handler
/// that returns without ending the reply cuts the connection: that is how practice providers break a stream.
class HttpResponder {
public:
    virtual ~HttpResponder() = default;
    /// A whole reply with Content-Length.
    virtual Task<Result<void>> respond(int status, HttpHeaders headers, std::string body) = 0;
    /// As respond(), without a copy: `body` lives until it is done; `fields` are read when it is first awaited.
    virtual Task<Result<void>> answer(int status, FieldLines fields, std::string_view body) = 0;
    /// A reply of unknown length: chunked (or until close, to HTTP/1.0).
    virtual Task<Result<void>> start(int status, HttpHeaders headers) = 0;
    /// As start(), with its first chunk, both in one packet; as answer(). The request's fields are gone after it.
    virtual Task<Result<void>> begin(int status, FieldLines fields, std::string_view first) = 0;
    /// One chunk; resumes when the kernel has taken it. Errors: cancelled (the peer has gone).
    virtual Task<Result<void>> write(std::string_view bytes) = 0;
    virtual Task<Result<void>> finish() = 0;
    /// Bytes exactly as given, below HTTP; for practice providers that lie.
    virtual Task<Result<void>> write_raw(std::string_view bytes) = 0;
    /// Cuts the connection with a reset, in the middle of whatever was being sent; nothing may follow.
    virtual void abort() noexcept {}
    /// Set once the peer has closed or reset the connection, also while a handler waits for something else.
    virtual Event& gone() noexcept = 0;
};

/// Handles one request; requests of one connection come one after the other. Cancelled when the server is destroyed.
/// Arguments outlive the task.
using HttpHandler = std::function<Task<void>(HttpIncoming& request, HttpResponder& responder)>;

struct HttpServerLimits {
    std::size_t head_bytes_max = 16 * 1024;
    std::size_t fields_max = 100;
    std::size_t body_bytes_max = 16 * 1024 * 1024;
    std::size_t connections_max = 1'024;
    Millis head_timeout{10'000};  ///< From the first byte of a request to the end of its head.
    Millis body_timeout{30'000};
    Millis idle_timeout{75'000};   ///< Between requests.
    Millis write_timeout{60'000};  ///< A peer that does not take one piece (≤ 256 KiB) for so long is gone.
    /// A handler is cancelled at once when its peer has gone; else it is told by HttpResponder::gone and goes on.
    bool abandons = false;
};

/// A strict HTTP/1.1 server (RFC 9112; refusals as in reliability.md T15, T16): 400, 413, 417, 431, 501, 505 and
/// close; 408 where a request comes too slowly.
class HttpServer {
public:
    HttpServer(Env env, std::unique_ptr<Listener> listener, HttpHandler handler, HttpServerLimits limits = {});
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;
    std::uint16_t port() const noexcept;
    /// Stops accepting, ends idle connections, resumes when the busy ones are done. Bound it with `until`.
    Task<void> drain();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace evenkeel

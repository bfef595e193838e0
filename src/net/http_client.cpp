#include "net/http_client.hpp"

#include <algorithm>
#include <array>

#include "core/async.hpp"
#include "core/text.hpp"
#include "net/http_fields.hpp"
#include "net/http_response_parser.hpp"
#include "net/url.hpp"

namespace evenkeel {
namespace {

using http::ResponseParser;

/// As much as one read takes. One for the whole client: bytes leave it before anything else runs, so that a reply that
/// waits holds only what it last received.
constexpr std::size_t read_bytes_max = 64 * 1024;
/// Pieces that a body may come in beside its own text.
constexpr std::size_t pieces_max = 14;

std::size_t body_bytes(const HttpRequest& request) noexcept {
    std::size_t sum = request.body.size();
    for (const std::string_view piece : request.pieces) sum += piece.size();
    return sum;
}

class HttpClient;

/// A kept connection. Whatever arrives on it, be it its end, makes it useless.
struct Idle : Ready {
    Idle(HttpClient& of, ConnectionPtr kept, Instant until);
    HttpClient& client;
    ConnectionPtr connection;
    Instant until;
};

class HttpClient final : public HttpSender, private Timer {
public:
    HttpClient(Env env, Network& network, Endpoint endpoint, HttpClientLimits limits)
        : Timer([](Timer& timer) noexcept { static_cast<HttpClient&>(timer).expire(); }),
          env_(env),
          network_(network),
          endpoint_(std::move(endpoint)),
          limits_(limits),
          scratch_(read_bytes_max) {}

    Task<Result<std::unique_ptr<HttpReply>>> send(HttpRequest request) override;

    std::span<std::byte> scratch() noexcept { return scratch_; }
    void keep(ConnectionPtr connection);
    void check(Idle& idle) noexcept;

private:
    Result<std::string> compose(const HttpRequest& request) const;
    ConnectionPtr take_kept();
    void expire() noexcept;

    Env env_;
    Network& network_;
    Endpoint endpoint_;
    HttpClientLimits limits_;
    std::vector<std::byte> scratch_;
    std::vector<std::unique_ptr<Idle>> kept_;  ///< The newest last, so also the one that ends last.
};

Idle::Idle(HttpClient& of, ConnectionPtr kept, Instant ends)
    : Ready([](Ready& ready) noexcept {
          auto& idle = static_cast<Idle&>(ready);
          idle.client.check(idle);
      }),
      client(of),
      connection(std::move(kept)),
      until(ends) {}

/// Nothing has arrived and the peer has not closed.
bool is_quiet(Connection& connection) {
    std::byte unasked{};
    return connection.try_read(std::span(&unasked, 1)).state == IoState::again;
}

class Reply final : public HttpReply {
public:
    Reply(HttpClient& client, ConnectionPtr connection, const HttpClientLimits& limits, bool to_head)
        : client_(client), connection_(std::move(connection)), parser_(limits, to_head) {}
    ~Reply() override {
        if (sent_ && parser_.state() == ResponseParser::State::whole && parser_.keeps_alive())
            client_.keep(std::move(connection_));
    }
    Reply(const Reply&) = delete;
    Reply& operator=(const Reply&) = delete;

    /// Sends the request and waits for the head. The head may come while the request is still being written, and even
    /// when the peer stopped reading it (413, 401): then it is the answer.
    Task<Result<void>> open(std::string_view head, const HttpRequest& request) {
        std::array<Bytes, pieces_max + 2> all;
        all[0] = std::as_bytes(std::span(head));
        all[1] = std::as_bytes(std::span(request.body));
        std::ranges::transform(request.pieces, all.begin() + 2,
                               [](std::string_view piece) { return std::as_bytes(std::span(piece)); });
        const std::span<const Bytes> pieces = std::span(all).first(request.pieces.size() + 2);
        auto ends = co_await race(write_all(*connection_, pieces), read_head());
        if (ends.second) co_return std::move(*ends.second);
        sent_ = ends.first->has_value();
        co_return co_await read_head();
    }
    bool untouched() const noexcept { return parser_.untouched(); }

    int status() const noexcept override { return parser_.status(); }
    std::string_view header(std::string_view name) const noexcept override { return parser_.header(name); }

    Task<Result<std::string_view>> read() override {
        while (body_.empty() && parser_.state() == ResponseParser::State::body) {
            const auto received = co_await receive();
            if (!received) co_return fail(received.error());
        }
        if (body_.empty() && parser_.state() == ResponseParser::State::broken) co_return fail(parser_.error());
        co_return std::exchange(body_, {});
    }

private:
    Task<Result<void>> read_head() {
        while (parser_.state() == ResponseParser::State::head) {
            const auto received = co_await receive();
            if (!received) co_return received;
        }
        if (parser_.state() == ResponseParser::State::broken && body_.empty()) co_return fail(parser_.error());
        co_return {};
    }

    /// One read; what of it is body becomes `body_`.
    Task<Result<void>> receive() {
        const auto bytes = co_await read_some(*connection_, client_.scratch());
        if (!bytes) co_return fail(bytes.error());
        if (*bytes == 0) {
            parser_.end();
        } else {
            wire_.assign(reinterpret_cast<const char*>(client_.scratch().data()), *bytes);
            body_ = parser_.take(wire_);
        }
        co_return {};
    }

    HttpClient& client_;
    ConnectionPtr connection_;
    ResponseParser parser_;
    bool sent_ = false;
    std::string wire_;       ///< What was received last.
    std::string_view body_;  ///< The part of it that is body and not yet given.
};

Task<Result<std::unique_ptr<HttpReply>>> HttpClient::send(HttpRequest request) {
    const auto head = compose(request);
    if (!head) co_return fail(head.error());
    ConnectionPtr connection = take_kept();
    for (;;) {
        const bool reused = connection != nullptr;
        if (!reused) {
            auto dialled = co_await network_.dial(endpoint_);
            if (!dialled) co_return fail(dialled.error());
            connection = std::move(*dialled);
        }
        auto reply = std::make_unique<Reply>(*this, std::move(connection), limits_, request.method == "HEAD");
        const auto opened = co_await reply->open(*head, request);
        if (opened) co_return std::move(reply);
        // The server may have closed the kept connection just as it was used. That says nothing about its health, and
        // it has not begun to answer: once more, on a fresh one.
        if (!reused || !reply->untouched()) co_return fail(opened.error());
    }
}

Result<std::string> HttpClient::compose(const HttpRequest& request) const {
    if (request.pieces.size() > pieces_max)
        return own_fault(ErrorClass::internal, "the body of an HTTP request comes in too many pieces");
    const bool is_target = request.target.starts_with('/') &&
                           std::ranges::none_of(request.target, [](unsigned char c) { return c <= ' ' || c >= 0x7f; });
    if (!http::is_token(request.method) || !is_target)
        return own_fault(ErrorClass::internal, "the method or path of an HTTP request has a character it cannot have");
    for (const std::string_view ours : {"host", "accept-encoding"})
        if (!http::find_field(request.headers, ours).empty())
            return own_fault(ErrorClass::internal,
                             "the HTTP field '" + std::string(ours) + "' is set by the client alone");
    std::string head;
    head.reserve(512);
    head.append(request.method).append(" ").append(request.target).append(" HTTP/1.1\r\nHost: ");
    head.append(host_header(endpoint_)).append("\r\nAccept-Encoding: identity\r\n");
    if (http::find_field(request.headers, "user-agent").empty())
        head += "User-Agent: evenkeel/" EVENKEEL_VERSION "\r\n";
    if (const auto appended = http::append_fields(head, request.headers); !appended) return fail(appended.error());
    const std::size_t length = body_bytes(request);
    if (length > 0 || (request.method != "GET" && request.method != "HEAD"))
        head.append("Content-Length: ").append(std::to_string(length)).append("\r\n");
    return head + "\r\n";
}

ConnectionPtr HttpClient::take_kept() {
    while (!kept_.empty()) {
        kept_.back()->connection->on_readable(nullptr);
        ConnectionPtr connection = std::move(kept_.back()->connection);
        kept_.pop_back();
        // Looked at once more: what arrived since the loop last turned would be taken for the answer.
        if (is_quiet(*connection)) return connection;
    }
    return nullptr;
}

void HttpClient::keep(ConnectionPtr connection) {
    if (limits_.idle_max == 0 || !is_quiet(*connection)) return;
    if (kept_.size() == limits_.idle_max) kept_.erase(kept_.begin());
    kept_.push_back(std::make_unique<Idle>(*this, std::move(connection), env_.now() + limits_.idle_for));
    kept_.back()->connection->on_readable(kept_.back().get());
    if (!armed()) env_.scheduler.arm(*this, kept_.front()->until);
}

void HttpClient::check(Idle& idle) noexcept {
    // Records that carry no bytes, as the session tickets of TLS, wake it too.
    if (is_quiet(*idle.connection)) return idle.connection->on_readable(&idle);
    std::erase_if(kept_, [&](const auto& each) { return each.get() == &idle; });
}

void HttpClient::expire() noexcept {
    std::erase_if(kept_, [&](const auto& each) { return each->until <= env_.now(); });
    if (!kept_.empty()) env_.scheduler.arm(*this, kept_.front()->until);
}

}  // namespace

std::unique_ptr<HttpSender> make_http_client(Env env, Network& network, Endpoint endpoint, HttpClientLimits limits) {
    return std::make_unique<HttpClient>(env, network, std::move(endpoint), limits);
}

}  // namespace evenkeel

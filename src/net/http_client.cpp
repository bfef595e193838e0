#include "net/http_client.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/async.hpp"
#include "core/pool.hpp"
#include "core/text.hpp"
#include "net/http_fields.hpp"
#include "net/http_response_parser.hpp"
#include "net/readiness.hpp"
#include "net/url.hpp"

namespace evenkeel {
namespace {

using http::ResponseParser;

/// As much as one read takes.
constexpr std::size_t read_bytes_max = 32 * 1024;
/// What reads land in. A reply holds one only from a receive to the next, never while it waits for bytes; so few are
/// needed, and what was received is not copied.
using Block = std::unique_ptr<std::array<char, read_bytes_max>>;
constexpr std::size_t blocks_kept_max = 8;
/// Heads that are kept ready: chat, and whatever else an adapter asks for again and again.
constexpr std::size_t heads_kept_max = 16;
/// Pieces that a body may come in beside its own text.
constexpr std::size_t pieces_max = 14;

using LengthLine = std::array<char, 64>;

/// "Content-Length: 2048" where there is a body or ought to be one, and the empty line.
std::string_view end_of_head(std::string_view method, std::size_t body, LengthLine& line) noexcept {
    constexpr std::string_view name = "Content-Length: ", end = "\r\n\r\n";
    if (body == 0 && (method == "GET" || method == "HEAD")) return end.substr(2);
    char* at = std::ranges::copy(name, line.begin()).out;
    at = std::to_chars(at, line.data() + line.size() - end.size(), body).ptr;
    at = std::ranges::copy(end, at).out;
    return {line.data(), at};
}

std::size_t body_bytes(const HttpRequest& request) noexcept {
    std::size_t sum = request.body.size();
    for (const std::string_view piece : request.pieces) sum += piece.size();
    return sum;
}

class HttpClient;

/// A kept connection. Whatever arrives on it, be it its end, makes it useless.
struct Idle : Ready, Pooled {
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
          limits_(limits) {}

    Task<Result<std::unique_ptr<HttpReply>>> send(HttpRequest request) override;

    Block take_block();
    void give_block(Block block);
    void keep(ConnectionPtr connection);
    void check(Idle& idle) noexcept;

private:
    Result<std::string> compose(const HttpRequest& request) const;
    Result<std::string_view> head_of(const HttpRequest& request, std::string& own);
    ConnectionPtr take_kept();
    void expire() noexcept;

    Env env_;
    Network& network_;
    Endpoint endpoint_;
    HttpClientLimits limits_;
    std::vector<Block> blocks_;
    std::vector<std::pair<const HttpRequest*, std::unique_ptr<const std::string>>> heads_;
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

class Reply final : public HttpReply, public Pooled {
public:
    Reply(HttpClient& client, ConnectionPtr connection, const HttpClientLimits& limits, bool to_head)
        : client_(client), connection_(std::move(connection)), parser_(limits, to_head) {}
    ~Reply() override {
        if (block_) client_.give_block(std::move(block_));
        if (sent_ && parser_.state() == ResponseParser::State::whole && parser_.keeps_alive())
            client_.keep(std::move(connection_));
    }
    Reply(const Reply&) = delete;
    Reply& operator=(const Reply&) = delete;

    /// Sends the request and waits for the head. The head may come while the request is still being written, and even
    /// when the peer stopped reading it (413, 401): then it is the answer.
    Task<Result<void>> open(std::string_view head, std::string_view length, const HttpRequest& request) {
        std::array<Bytes, pieces_max + 3> all;
        all[0] = std::as_bytes(std::span(head));
        all[1] = std::as_bytes(std::span(length));
        all[2] = std::as_bytes(std::span(request.body));
        std::ranges::transform(request.pieces, all.begin() + 3,
                               [](std::string_view piece) { return std::as_bytes(std::span(piece)); });
        const std::span<const Bytes> pieces = std::span(all).first(request.pieces.size() + 3);
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
        for (;;) {
            if (!block_) block_ = client_.take_block();
            const Io io = connection_->try_read(std::as_writable_bytes(std::span(*block_)));
            if (io.state == IoState::moved) {
                body_ = parser_.take(std::span(*block_).first(io.bytes));
                co_return {};
            }
            client_.give_block(std::move(block_));
            if (io.state == IoState::broken) co_return fail(connection_->error());
            if (io.state == IoState::end) {
                parser_.end();
                co_return {};
            }
            co_await until_readable(*connection_);
        }
    }

    HttpClient& client_;
    ConnectionPtr connection_;
    ResponseParser parser_;
    bool sent_ = false;
    Block block_;            ///< What was received last; null while it waits for more.
    std::string_view body_;  ///< The part of it that is body and not yet given.
};

Task<Result<std::unique_ptr<HttpReply>>> HttpClient::send(HttpRequest request) {
    std::string own;
    const auto head = head_of(request, own);
    if (!head) co_return fail(head.error());
    const HttpRequest& shape = request.like != nullptr ? *request.like : request;
    LengthLine length;
    const std::string_view length_text = end_of_head(shape.method, body_bytes(request), length);
    ConnectionPtr connection = take_kept();
    for (;;) {
        const bool reused = connection != nullptr;
        if (!reused) {
            auto dialled = co_await network_.dial(endpoint_);
            if (!dialled) co_return fail(dialled.error());
            connection = std::move(*dialled);
        }
        auto reply = std::make_unique<Reply>(*this, std::move(connection), limits_, shape.method == "HEAD");
        const auto opened = co_await reply->open(*head, length_text, request);
        if (opened) co_return std::move(reply);
        // The server may have closed the kept connection just as it was used. That says nothing about its health, and
        // it has not begun to answer: once more, on a fresh one.
        if (!reused || !reply->untouched()) co_return fail(opened.error());
    }
}

Block HttpClient::take_block() {
    if (blocks_.empty()) return std::make_unique_for_overwrite<Block::element_type>();
    Block block = std::move(blocks_.back());
    blocks_.pop_back();
    return block;
}

void HttpClient::give_block(Block block) {
    if (blocks_.size() < blocks_kept_max) blocks_.push_back(std::move(block));
}

/// Everything before the length of the body, which alone differs from one request to the next like it.
Result<std::string_view> HttpClient::head_of(const HttpRequest& request, std::string& own) {
    if (request.pieces.size() > pieces_max)
        return own_fault(ErrorClass::internal, "the body of an HTTP request comes in too many pieces");
    for (const auto& [shape, head] : heads_)
        if (request.like != nullptr && shape == request.like) return *head;
    auto head = compose(request.like != nullptr ? *request.like : request);
    if (!head) return fail(head.error());
    if (request.like != nullptr && heads_.size() < heads_kept_max)
        return *heads_.emplace_back(request.like, std::make_unique<const std::string>(std::move(*head))).second;
    own = std::move(*head);
    return own;
}

Result<std::string> HttpClient::compose(const HttpRequest& request) const {
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
    return head;
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

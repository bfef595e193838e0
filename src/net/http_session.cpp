#include "net/http_session.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace evenkeel::http {
namespace {

/// What a peer may send ahead of its turn. Beyond it reading waits, and so does noticing that the peer leaves.
constexpr std::size_t input_bytes_max = 64 * 1024;
/// After a refusal the rest of the request is read and dropped, so long and so much, since closing with unread bytes
/// would reset the connection and take the refusal with it.
constexpr Millis linger_for{2'000};
constexpr std::size_t linger_bytes_max = 1024 * 1024;
/// Set aside for the head of a reply.
constexpr std::size_t usual_head_bytes = 400;
/// What a peer must take within write_timeout.
constexpr std::size_t piece_bytes_max = 256 * 1024;

Bytes bytes_of(std::string_view text) noexcept { return std::as_bytes(std::span(text)); }

void append_number(std::string& text, std::size_t number) {
    std::array<char, 20> digits{};
    text.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr);
}

void append_status(std::string& head, int status) {
    if (head.capacity() < usual_head_bytes) head.reserve(usual_head_bytes);
    head += "HTTP/1.1 ";
    append_number(head, static_cast<std::size_t>(status));
    head.append(" ").append(reason_phrase(status)).append("\r\n");
}

std::string error_body(std::string_view message) {
    return R"({"error":{"message":")" + std::string(message) + R"(","type":"invalid_request_error"}})";
}

}  // namespace

/// Waits until there is input, its end, or the deadline.
class [[nodiscard]] Session::Input {
public:
    Input(Session& session, Instant deadline) noexcept : session_(session), deadline_(deadline) {}
    ~Input() { session_.awaiting_ = {}; }
    Input(const Input&) = delete;
    Input& operator=(const Input&) = delete;
    bool await_ready() const {
        session_.pump(true);
        return session_.has_input() || session_.ended_;
    }
    void await_suspend(std::coroutine_handle<> waiting) {
        session_.awaiting_ = waiting;
        session_.limit(deadline_);
    }
    void await_resume() const { session_.limit(forever); }

private:
    Session& session_;
    Instant deadline_;
};

/// Runs the handler to its end, or until the peer has gone where that cancels it.
class [[nodiscard]] Session::Handling {
public:
    Handling(Session& session, Task<void> task) noexcept : session_(session), task_(std::move(task)) {}
    ~Handling() { session_.handling_ = {}; }
    Handling(const Handling&) = delete;
    Handling& operator=(const Handling&) = delete;
    bool await_ready() const noexcept { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiting) noexcept {
        if (session_.setting_.limits.abandons) session_.handling_ = waiting;
        task_.handle().promise().continue_with(waiting);
        return task_.handle();
    }
    void await_resume() {
        session_.handling_ = {};
        const bool done = task_.done();
        if (done) task_.handle().promise().take();
        task_.reset();
    }

private:
    Session& session_;
    Task<void> task_;
};

class Session::Responder final : public HttpResponder {
public:
    explicit Responder(Session& session) noexcept : session_(session) {}

    Task<Result<void>> respond(int status, HttpHeaders headers, std::string body) override {
        const auto composed = compose(status, headers, body.size());
        if (!composed) co_return fail(composed.error());
        const std::array<Bytes, 2> pieces{bytes_of(head()), bytes_of(has_body_ ? std::string_view(body) : "")};
        state_ = State::ended;
        co_return co_await session_.send(pieces);
    }
    Task<Result<void>> answer(int status, FieldLines fields, std::string_view body) override {
        const auto composed = compose(status, fields, body.size());
        if (!composed) co_return fail(composed.error());
        const std::array<Bytes, 2> pieces{bytes_of(head()), bytes_of(has_body_ ? body : "")};
        state_ = State::ended;
        co_return co_await session_.send(pieces);
    }
    Task<Result<void>> start(int status, HttpHeaders headers) override {
        const auto composed = compose(status, headers, std::nullopt);
        if (!composed) co_return fail(composed.error());
        state_ = State::started;
        const Bytes piece = bytes_of(head());
        co_return co_await session_.send(std::span(&piece, 1));
    }
    Task<Result<void>> begin(int status, FieldLines fields, std::string_view first) override {
        const auto composed = compose(status, fields, std::nullopt);
        if (!composed) co_return fail(composed.error());
        state_ = State::started;
        SizeLine line;
        std::array<Bytes, 4> pieces{bytes_of(head())};
        const std::size_t count = frame(first, line, std::span(pieces).subspan(1));
        auto sent = co_await session_.send(std::span(pieces).first(1 + count));
        session_.head_ = {};  // A stream may stay open for long.
        session_.parser_.drop_fields();
        co_return sent;
    }
    Task<Result<void>> write(std::string_view bytes) override {
        if (state_ != State::started) co_return own_fault(ErrorClass::internal, "a chunk outside a started reply");
        SizeLine line;
        std::array<Bytes, 3> pieces;
        const std::size_t count = frame(bytes, line, pieces);
        if (count == 0) co_return {};
        co_return co_await session_.send(std::span(pieces).first(count));
    }
    Task<Result<void>> finish() override {
        if (std::exchange(state_, State::ended) != State::started || !is_chunked_) co_return {};
        const Bytes piece = bytes_of("0\r\n\r\n");
        co_return co_await session_.send(std::span(&piece, 1));
    }
    Task<Result<void>> write_raw(std::string_view bytes) override {
        closes_ = true;
        if (state_ == State::none) state_ = State::raw;
        const Bytes piece = bytes_of(bytes);
        co_return co_await session_.send(std::span(&piece, 1));
    }
    void abort() noexcept override {
        closes_ = true;
        session_.connection_->abort();
    }
    Event& gone() noexcept override { return session_.gone_; }

    bool untouched() const noexcept { return state_ == State::none; }
    /// The reply was whole, and another may follow.
    bool keeps_alive() const noexcept { return state_ == State::ended && !closes_; }
    /// What the handler gave could not be sent.
    bool misused() const noexcept { return misused_; }

private:
    enum class State : std::uint8_t { none, raw, started, ended };
    using SizeLine = std::array<char, 18>;

    /// `bytes` as one chunk, in pieces; gives how many.
    std::size_t frame(std::string_view bytes, SizeLine& line, std::span<Bytes> pieces) const noexcept {
        // An empty chunk would end the body.
        if (bytes.empty() || !has_body_) return 0;
        if (!is_chunked_) return pieces[0] = bytes_of(bytes), 1;
        char* end = std::to_chars(line.data(), line.data() + 16, bytes.size(), 16).ptr;
        *end++ = '\r';
        *end++ = '\n';
        pieces[0] = bytes_of(std::string_view(line.data(), static_cast<std::size_t>(end - line.data())));
        pieces[1] = bytes_of(bytes);
        pieces[2] = bytes_of("\r\n");
        return 3;
    }

    static Result<void> append(std::string& head, const HttpHeaders& headers) { return append_fields(head, headers); }
    static Result<void> append(std::string& head, FieldLines fields) {
        head += fields.text;
        return {};
    }

    std::string_view head() const noexcept { return session_.head_; }

    template <class Fields>
    Result<void> compose(int status, const Fields& headers, std::optional<std::size_t> length) {
        const bool bodiless = status == 204 || status == 304;
        const bool old = session_.parser_.is_http_1_0();
        std::string& head = session_.head_;
        head.clear();
        append_status(head, status);
        Result<void> appended = append(head, headers);
        if (state_ != State::none) appended = own_fault(ErrorClass::internal, "a second reply to one request");
        if (status < 200 || status > 999) appended = own_fault(ErrorClass::internal, "no final HTTP status");
        if (!appended) {
            misused_ = true;
            return appended;
        }
        has_body_ = !bodiless && session_.parser_.request().method != "HEAD";
        is_chunked_ = !length && !old && has_body_;
        closes_ |= session_.setting_.draining || !session_.parser_.keeps_alive() || (!length && old && has_body_);
        if (length && !bodiless) {
            head += "Content-Length: ";
            append_number(head, *length);
            head += "\r\n";
        }
        if (is_chunked_) head += "Transfer-Encoding: chunked\r\n";
        if (closes_)
            head += "Connection: close\r\n";
        else if (old)
            head += "Connection: keep-alive\r\n";
        head += "\r\n";
        return {};
    }

    Session& session_;
    State state_ = State::none;
    bool has_body_ = true, is_chunked_ = false, closes_ = false, misused_ = false;
};

Session::Session(SessionSetting& setting, ConnectionPtr connection)
    : Timer([](Timer& timer) noexcept { static_cast<Session&>(timer).on_time(); }),
      Ready([](Ready& ready) noexcept { static_cast<Session&>(ready).on_input(); }),
      setting_(setting),
      connection_(std::move(connection)),
      parser_(setting.limits, &setting.spare_bodies),
      gone_(setting.env.scheduler) {}

Task<void> Session::run() {
    while (co_await receive() && co_await serve()) parser_.reset();
}

/// False where no request came.
Task<bool> Session::receive() {
    Phase phase = Phase::idle;
    Instant deadline = setting_.env.now() + limit_of(phase);
    for (;;) {
        if (has_input()) {
            const RequestParser::State state = take_input();
            if (state == RequestParser::State::whole) co_return true;
            if (state == RequestParser::State::refused) {
                co_await refuse(parser_.refusal());
                co_return false;
            }
            if (state == RequestParser::State::body && parser_.take_expectation()) {
                const Bytes piece = bytes_of("HTTP/1.1 100 Continue\r\n\r\n");
                if (!co_await send(std::span(&piece, 1))) co_return false;
            }
        }
        const Phase now = parser_.state() == RequestParser::State::body ? Phase::body
                          : parser_.begun()                             ? Phase::head
                                                                        : Phase::idle;
        if (std::exchange(phase, now) != now) deadline = setting_.env.now() + limit_of(now);
        if (phase == Phase::idle && setting_.draining) co_return false;
        co_await Input(*this, deadline);
        if (std::exchange(late_, false)) {
            if (phase != Phase::idle) co_await refuse({408, "the request came too slowly"});
            co_return false;
        }
        if (ended_ && !has_input()) co_return false;
    }
}

/// False where the connection cannot go on.
Task<bool> Session::serve() {
    parser_.request().peer = connection_->peer();
    // From here on the input is only watched: for its end, and for requests sent ahead.
    pump(false);
    Responder responder(*this);
    bool threw = false;
    try {
        if (!(ended_ && setting_.limits.abandons))
            co_await Handling(*this, setting_.handler(parser_.request(), responder));
    } catch (...) {
        // Handlers should not throw; one that does must not take the others' connections with it.
        threw = true;
    }
    if (threw || responder.misused())
        setting_.env.notes.note({.severity = Severity::alarm,
                                 .name = "http.handler_failed",
                                 .subject = parser_.request().path,
                                 .detail = "A request handler failed; the caller was told 500 or cut off."});
    if (responder.untouched() && (threw || responder.misused()))
        (void)co_await responder.respond(500, {{"Content-Type", "application/json"}},
                                         error_body("The server failed to handle the request."));
    co_return responder.keeps_alive() && !setting_.draining;
}

Task<void> Session::refuse(Refusal refusal) {
    const std::string body = error_body(refusal.reason);
    const std::string head =
        "HTTP/1.1 " + std::to_string(refusal.status) + " " + std::string(reason_phrase(refusal.status)) +
        "\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) +
        "\r\n\r\n";
    const std::array<Bytes, 2> pieces{bytes_of(head), bytes_of(body)};
    if (!co_await send(pieces)) co_return;
    const Instant deadline = setting_.env.now() + linger_for;
    for (std::size_t dropped = 0; !ended_ && !late_ && dropped < linger_bytes_max;) {
        dropped += std::exchange(input_, {}).size() + std::exchange(fresh_, {}).size();
        co_await Input(*this, deadline);
    }
}

Task<Result<void>> Session::send(std::span<const Bytes> pieces) {
    const Millis patience = setting_.limits.write_timeout;
    std::size_t total = 0;
    for (const Bytes piece : pieces) total += piece.size();
    Result<void> sent;
    if (total <= piece_bytes_max) {
        limit(setting_.env.now() + patience);
        sent = co_await write_all(*connection_, pieces);
    } else {
        for (const Bytes piece : pieces)
            for (std::size_t at = 0; sent && at < piece.size(); at += piece_bytes_max) {
                const Bytes part = piece.subspan(at, std::min(piece_bytes_max, piece.size() - at));
                limit(setting_.env.now() + patience);
                sent = co_await write_all(*connection_, std::span(&part, 1));
            }
    }
    limit(forever);
    if (sent) co_return {};
    gone_.set();
    co_return caller_fault("the peer has gone", "gone", ErrorClass::cancelled);
}

RequestParser::State Session::take_input() {
    if (input_.empty()) {
        std::span<char> rest = std::exchange(fresh_, {});
        const RequestParser::State state = parser_.take(rest);
        if (!rest.empty()) input_.assign(rest.data(), rest.size());
        return state;
    }
    std::span<char> rest(input_);
    const RequestParser::State state = parser_.take(rest);
    input_.erase(0, input_.size() - rest.size());
    return state;
}

void Session::pump(bool at_once) {
    while (!listening_ && !ended_ && input_.size() < input_bytes_max) {
        const Io io = connection_->try_read(setting_.scratch);
        if (io.state == IoState::moved) {
            const std::span<char> bytes(reinterpret_cast<char*>(setting_.scratch.data()), io.bytes);
            if (at_once && input_.empty()) {
                fresh_ = bytes;
                return;
            }
            input_.append(bytes.data(), bytes.size());
        } else if (io.state == IoState::again) {
            listening_ = true;
            connection_->on_readable(this);
        } else {
            ended_ = true;
            gone_.set();
        }
    }
}

void Session::on_input() {
    listening_ = false;
    pump(static_cast<bool>(awaiting_));
    // Last: what resumes may end this session.
    if (ended_ && handling_) return std::exchange(handling_, {}).resume();
    if (awaiting_ && (has_input() || ended_ || setting_.draining)) std::exchange(awaiting_, {}).resume();
}

void Session::on_time() {
    if (deadline_ > setting_.env.now()) {
        fires_at_ = deadline_;
        return setting_.env.scheduler.arm(*this, deadline_);
    }
    late_ = true;
    deadline_ = forever;
    if (awaiting_) return std::exchange(awaiting_, {}).resume();
    // A peer that takes nothing: whoever writes to it is woken and finds the connection broken.
    connection_->close();
}

/// Moving the timer at each step would cost more than the steps: it stays where it is if that is early enough, and
/// finds out when it fires.
void Session::limit(Instant deadline) {
    deadline_ = deadline;
    if (deadline == forever || (armed() && fires_at_ <= deadline)) return;
    fires_at_ = deadline;
    setting_.env.scheduler.arm(*this, deadline);
}

Millis Session::limit_of(Phase phase) const noexcept {
    switch (phase) {
        case Phase::idle: return setting_.limits.idle_timeout;
        case Phase::head: return setting_.limits.head_timeout;
        case Phase::body: return setting_.limits.body_timeout;
    }
    return setting_.limits.idle_timeout;
}

}  // namespace evenkeel::http

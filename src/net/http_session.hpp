#pragma once
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/async.hpp"
#include "core/env.hpp"
#include "net/http_request_parser.hpp"
#include "net/http_server.hpp"

namespace evenkeel::http {

/// What all connections of a server share; outlives them.
struct SessionSetting {
    Env env;
    const HttpServerLimits& limits;
    const HttpHandler& handler;
    /// Where reads land. Bytes leave it before anything else runs, so a connection that waits holds no buffer.
    std::span<std::byte> scratch;
    bool draining = false;
    std::vector<std::string> spare_bodies{};  ///< Memory of large requests that are over.
};

/// One connection of a server: reads requests, hands them to the handler one after the other, sends the replies. It
/// goes on reading while a handler works, so that a peer that leaves is noticed. One timer for all its limits.
class Session : private Timer, private Ready {
public:
    Session(SessionSetting& setting, ConnectionPtr connection);
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    /// Until the peer leaves, a request is refused, a limit of time is passed, or the server drains.
    Task<void> run();
    /// Wakes it to see that the server drains: without a request at hand it ends.
    void wake_to_drain() { setting_.env.scheduler.defer(*this); }

private:
    class Responder;
    class Input;
    class Handling;
    enum class Phase : std::uint8_t { idle, head, body };

    Task<bool> receive();
    Task<bool> serve();
    Task<void> refuse(Refusal refusal);
    Task<Result<void>> send(std::span<const Bytes> pieces);
    /// `at_once`: whoever asks takes what was read before anything else runs, so it need not be copied.
    void pump(bool at_once);
    RequestParser::State take_input();
    bool has_input() const noexcept { return !input_.empty() || !fresh_.empty(); }
    void on_input();
    void on_time();
    void limit(Instant deadline);
    Millis limit_of(Phase phase) const noexcept;

    SessionSetting& setting_;
    ConnectionPtr connection_;
    RequestParser parser_;
    Event gone_;
    std::string input_;       ///< Received and not yet parsed.
    std::span<char> fresh_;   ///< The same, still where it was read, for whoever waits for input and takes it at once.
    std::string head_;        ///< Of the reply; kept for the next one.
    bool listening_ = false;  ///< The connection will tell of more.
    bool ended_ = false;      ///< It never will: the peer has closed, or it is broken.
    bool late_ = false;       ///< A limit of time was passed.
    Instant deadline_ = forever;
    Instant fires_at_ = forever;        ///< When the timer fires: never later than the deadline, often earlier.
    std::coroutine_handle<> awaiting_;  ///< Waits for input.
    std::coroutine_handle<> handling_;  ///< Waits for the handler, which may be cancelled.
};

}  // namespace evenkeel::http

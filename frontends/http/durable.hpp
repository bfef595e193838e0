#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "chat/calls.hpp"
#include "core/json.hpp"
#include "frontends/http/gateway.hpp"

namespace evenkeel {

/// What durable calls have in common, whatever surface they came by.

/// What a surface keeps beside a call: {"surface","stream","background","asked","echo","webhook"}.
struct DurableRecord {
    std::string surface;  ///< "responses", "chat" or "ollama".
    bool background = false;
    std::string asked;    ///< The model as the caller wrote it.
    std::string echo;     ///< ResponsesRequest::echo; empty elsewhere.
    std::string webhook;  ///< Where the end is told; empty: nowhere.
};
std::string to_json(const DurableRecord& record);
/// Lenient: what cannot be read is empty.
DurableRecord durable_record(std::string_view json);

/// A message for the queue, but for what is asked: principal, conversation (its own), frontend, key, fingerprint, life.
/// Errors: request ("unsupported_parameter": no store; a call-back that the key does not allow; a key over 255 bytes).
Result<Inbound> durable_message(Gateway& gateway, Exchange& exchange);

/// Who asks, as the queue's principal.
std::string principal_of(const Exchange& exchange);
/// `Prefer: respond-async`.
bool prefers_async(const HttpIncoming& request) noexcept;
/// The value of `Idempotency-Key`; empty: none.
std::string_view idempotency_key(const HttpIncoming& request) noexcept;

/// The next event, at most until `deadline`; nothing when that passed or the stream is over.
Task<Result<std::optional<TurnEvent>>> next_until(Gateway& gateway, TurnStream& stream, Instant deadline);

/// What a caller who waited is told of an end without an answer, or of one that is not in sight (`queued`).
Error error_of(const TurnEvent& event);

/// Puts into the exchange who answered, for its header fields and records.
void tell_winner(Exchange& exchange, const Answer& answer);
/// The same while it still comes: all that is known is in the first delta.
void tell_winner(Exchange& exchange, const TurnEvent& delta);

/// Sends a reply that begins with the first bytes there are, and keeps the line alive while there are none.
class EventSink {
public:
    explicit EventSink(Exchange& exchange, std::string_view type) : exchange_(exchange), type_(type) {}
    bool has_begun() const noexcept { return begun_; }
    /// Sends `out` and empties it. False: the caller has gone.
    Task<bool> send(std::string& out);
    Task<void> finish();

private:
    Exchange& exchange_;
    std::string_view type_;
    bool begun_ = false;
};

/// A stream that has nothing to tell says so that often, in a comment.
inline constexpr Millis keep_alive_every{15'000};
inline constexpr std::string_view keep_alive_comment = ": keep-alive\n\n";
inline constexpr std::string_view sse_type = "text/event-stream; charset=utf-8";
inline constexpr std::string_view ndjson_type = "application/x-ndjson";

}  // namespace evenkeel

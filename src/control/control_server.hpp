#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "chat/desk.hpp"
#include "control/owner.hpp"
#include "core/env.hpp"
#include "net/connection.hpp"

namespace evenkeel {

/// The version of what is spoken over the control socket; both sides name theirs in this header of every message.
inline constexpr std::string_view control_version = "1";
inline constexpr std::string_view control_version_header = "x-evenkeel-control";
/// A watcher of the owner hears from it this often, so that a hung owner is told from an idle one.
inline constexpr Millis control_beat{2'000};

struct ControlServerOptions {
    OwnerIdentity identity;
    std::optional<std::uint32_t> uid;  ///< Only this user may connect, where the socket tells who does. Empty: anyone.
    /// Called when a starting `serve` asks for ownership, from inside a handler: it may only set a flag. Empty:
    /// refused.
    std::function<void()> on_yield;
};

/// Offers a Desk to the other processes of this user, as HTTP/1.1 with JSON:
///   GET  /who                               → {pid, kind, version, generation}
///   GET  /watch                             → NDJSON without end: {"beat":true} every `control_beat`
///   POST /yield                             → {"yielding":true}, or 409
///   POST /submit      Inbound               → NDJSON of TurnEvent; its status is sent once the message is durable
///   GET  /turns/ID                          → the same, of a message accepted before
///   POST /turns/ID/cancel, /turns/ID/shown  → {"ok":true}
///   POST /deliveries  {frontend, conversation} → NDJSON of Delivery, without end
///   POST /call        {operation, arguments}   → what Desk::call gives
/// A failure is {"error":{…}} (wire.hpp) with a fitting status, or as the last line of a stream. A peer of another
/// control version is refused with 409 and an error that names both. Streams wait for slow readers; nothing is kept
/// for them here. The desk outlives the server. One loop.
class ControlServer {
public:
    ControlServer(Env env, std::unique_ptr<Listener> listener, Desk& desk, ControlServerOptions options);
    ~ControlServer();
    ControlServer(const ControlServer&) = delete;
    ControlServer& operator=(const ControlServer&) = delete;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace evenkeel

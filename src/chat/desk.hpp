#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chat/transcript.hpp"
#include "core/message.hpp"
#include "core/task.hpp"
#include "store/records.hpp"

namespace evenkeel {

/// What happens to one question while somebody watches. A whole life is
/// accepted (progress | delta* | restarted)* then exactly one of answered, queued, cancelled, refused, expired, dead.
/// `queued` is an end only for who does not wait: a watcher that goes on reading is told of the later end.
struct TurnEvent {
    enum class Kind : std::uint8_t {
        accepted,   ///< Durable now. `id`, `position`.
        progress,   ///< `text`: one line for people ("asking nanogpt", "llama3.1:8b is being loaded").
        delta,      ///< `text`: what comes next; several deltas may be joined into one. Of a call: `pieces` instead.
        restarted,  ///< What was shown so far is void: strike it. `text` says why; new deltas follow.
        queued,     ///< No provider can answer now. `position`, `text` says why, `eta` if it can be guessed.
        answered,   ///< `answer`, whole. Its text equals the deltas since the last restart.
        cancelled,
        refused,
        expired,
        dead,  ///< The end without an answer; `text` is the notice.
    };
    Kind kind = Kind::progress;
    Id id;
    std::string text;
    std::int64_t position = 0;
    std::optional<Millis> eta;
    std::optional<Answer> answer;
    std::optional<Error> error;  ///< For queued, refused, dead: the last provider's own.
    std::int64_t beginning = 0;  ///< Delta of a call: of its transcript. The next three also: who speaks.
    std::string provider, model;
    std::uint32_t tries = 0;          ///< That reached for a provider, up to the one that speaks.
    std::vector<AnswerPiece> pieces;  ///< Delta of a call: in order, none joined. Not carried by the control socket.
    bool practice = false;            ///< A practice provider answered.
};
std::string_view to_string(TurnEvent::Kind kind) noexcept;
std::optional<TurnEvent::Kind> turn_event_from(std::string_view word) noexcept;

/// One watcher of one question. Destroying it stops watching; the question itself goes on.
class TurnStream {
public:
    virtual ~TurnStream() = default;
    /// The next event. After an end event other than queued, nothing, for ever. A slow watcher costs at most the
    /// answer's own size: deltas that wait are joined. Errors: transient "owner_gone" (the process that works the queue
    /// ended; the question is safe: follow() it at the next owner).
    virtual Task<Result<std::optional<TurnEvent>>> next() = 0;
};

/// Late answers and notices for one surface, as they come.
class DeliveryStream {
public:
    virtual ~DeliveryStream() = default;
    /// The next one to show. It is given again (also after a restart) until `Desk::shown`. Errors: as TurnStream.
    virtual Task<Result<Delivery>> next() = 0;
};

/// What a surface sees of Evenkeel, with the operator's rights: whoever sent a question, it is followed and cancelled
/// (chat/calls.hpp is for those who may not). In the owner of the data it is the engine itself, in every other process
/// a client of the owner's control socket. Outlives its streams. One loop.
class Desk {
public:
    virtual ~Desk() = default;
    /// Resumes when the message is durable. Errors: request (empty, too long, "conflict"), overload "queue_full",
    /// storage.
    virtual Task<Result<std::unique_ptr<TurnStream>>> submit(Inbound message) = 0;
    /// Watches a question that was accepted before, from its present state. Errors: request "not_found".
    virtual Task<Result<std::unique_ptr<TurnStream>>> follow(Id id) = 0;
    /// Takes a question back: stops the provider, keeps the partial text, marked. Errors: request "not_found",
    /// "already_ended".
    virtual Task<Result<void>> cancel(Id id) = 0;
    /// Late answers for that surface; empty conversation: all.
    virtual Task<Result<std::unique_ptr<DeliveryStream>>> deliveries(std::string frontend,
                                                                     std::string conversation) = 0;
    virtual Task<Result<void>> shown(Id id) = 0;
    /// Everything else, JSON in and JSON out, so that `--json`, the socket and the text commands show the same:
    /// operations and their shapes in chat/operations.hpp. Errors: request (unknown operation, bad argument,
    /// "not_found"), storage.
    virtual Task<Result<std::string>> call(std::string operation, std::string arguments) = 0;
};

}  // namespace evenkeel

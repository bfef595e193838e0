#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/message.hpp"

namespace evenkeel {

/// The life of an accepted message. Moves: docs/queue.md.
enum class JobState : std::uint8_t {
    queued,     ///< Waits for a provider.
    working,    ///< Leased: somebody asks a provider right now.
    answered,   ///< The reply is kept; not yet shown by its surface.
    delivered,  ///< Shown.
    cancelled,  ///< Taken back by the user.
    refused,    ///< The request itself was refused (bad, or against a policy); the user is told.
    expired,    ///< Waited longer than its time to live; the user is told.
    dead,       ///< Attempts spent, or it crashed us three times; the user is told why.
};
std::string_view to_string(JobState state) noexcept;
std::optional<JobState> job_state_from(std::string_view word) noexcept;
/// queued or working: it still owes an answer.
constexpr bool is_open(JobState state) noexcept { return state <= JobState::working; }

/// As the principal of a look or a command: the operator's, to whom every message is shown. No message has it.
inline constexpr std::string_view everyone;
/// The surface that is asked for its answers and never told of them: nothing of it waits in the outbox.
inline constexpr std::string_view pulled = "api";
/// The surface of calls whose end is told to an address that the caller named.
inline constexpr std::string_view webhook_frontend = "webhook";

/// What a person said, or what a program asked, as a frontend heard it. A call is what has a `body`.
struct Inbound {
    std::string frontend = "terminal";  ///< Which surface delivers the answer.
    std::string principal = "local";    ///< Who may see it: every read is bound to one principal.
    std::string user;                   ///< The unit of fairness within the principal; may be empty.
    std::string conversation;           ///< 1 to 128 bytes. Unique within the principal.
    std::string idempotency_key;        ///< ≤ 255 bytes; empty: none. Unique within the principal, for ever.
    std::string text;                   ///< 1 byte to 256 KiB of UTF-8. Of a call: a line for people.
    std::string model;                  ///< Wanted model; empty: each provider's default.
    bool is_private = false;     ///< Makes the conversation private from now on; never undone by a later message.
    Millis ttl{24 * 3'600'000};  ///< From acceptance; then it expires with a notice. > 0.
    std::string body;      ///< The program's own request, ≤ 64 MiB; empty: a plain turn. Leases carry it, views do not.
    std::string dialect;   ///< The body's: "openai", "ollama".
    std::string provider;  ///< Of a call: the one that alone may be asked; empty: any.
    std::string record;    ///< What its surface needs to tell of it again (JSON). As body: ≤ 64 MiB, not in views.
    std::string fingerprint;  ///< ≤ 255 bytes. Two messages of one key are the same if this is; empty: if the text is.
};

/// What was kept of a call beside its text.
struct CallRecord {
    std::string dialect, provider, body, record;
};

/// The receipt. Once one exists the message survives any crash.
struct Accepted {
    Id id;
    bool duplicate = false;  ///< The key was seen before with the same text: this is the first message's id.
    JobState state = JobState::queued;
    std::int64_t sequence = 0;  ///< Its place in its conversation, from 1.
    std::int64_t ahead = 0;     ///< Open messages of all conversations that came before it.
};

/// The right to answer one message. Every write carries it; a stale one (older epoch, or older generation of the
/// process) changes nothing and gives storage "lease_lost".
struct Lease {
    Id id;
    std::uint64_t epoch = 0;       ///< Grows with each claim of this message.
    std::uint64_t generation = 0;  ///< Of the process start that claimed it.
    std::int64_t sequence = 0;
    std::int64_t attempts = 0;  ///< Claims before this one that ended without an answer.
    std::int64_t crashes = 0;   ///< Claims that ended because their process died.
    bool spoke = false;         ///< An earlier claim may have been heard by a watcher before it ended.
    Inbound message;            ///< As accepted; `is_private` is that of the conversation now.
    WallTime accepted_at{};
    WallTime expires_at{};
};

/// One message with all that happened to it, for people and for JSON.
struct JobView {
    Id id;
    Inbound message;
    JobState state = JobState::queued;
    std::int64_t sequence = 0;
    WallTime accepted_at{};
    WallTime expires_at{};
    std::optional<WallTime> run_at;  ///< Not before; queued only.
    std::optional<WallTime> ended_at;
    std::int64_t position = 0;  ///< 1 is next; 0 when it does not wait.
    std::int64_t attempts = 0;
    std::int64_t crashes = 0;
    std::string reason;  ///< Why it waits or how it ended, one line.
    std::optional<Answer> answer;
    std::string partial;  ///< What was already said when it broke; never part of a context.
};

struct ConversationView {
    std::string id;
    bool is_private = false;
    WallTime first_at{}, last_at{};
    std::int64_t messages = 0;  ///< Questions.
    std::int64_t open = 0;      ///< Of these, still owing an answer.
};

/// Something a surface must still show: an answer that came later than its asker waited, or a notice.
struct Delivery {
    enum class Kind : std::uint8_t { answer, expired, refused, dead };
    Id id;  ///< The question's.
    Kind kind = Kind::answer;
    std::string frontend, principal, conversation, question;
    WallTime asked_at{}, ended_at{};
    std::string text;  ///< The answer, or the notice.
    std::optional<Answer> answer;
};
std::string_view to_string(Delivery::Kind kind) noexcept;

/// One line of the ledger: what one try cost.
struct Spend {
    std::string day;  ///< "2026-11-22", UTC.
    std::string provider, model;
    std::int64_t tries = 0, answers = 0;
    std::int64_t input_tokens = 0, output_tokens = 0;
    bool estimated = false;         ///< Some of the tokens are.
    double cost_usd = 0;            ///< Of those tries whose cost is known.
    std::int64_t cost_unknown = 0;  ///< Tries with tokens whose cost is not.
};

struct StoreFigures {
    std::int64_t queued = 0, working = 0, undelivered = 0, dead = 0;
    std::optional<WallTime> oldest_open;
    std::int64_t file_bytes = 0, log_bytes = 0;
    std::uint64_t generation = 0;
    int schema = 0;
    std::string engine;  ///< "SQLite 3.40.1".
};

}  // namespace evenkeel

#pragma once
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/key_records.hpp"
#include "store/records.hpp"

namespace evenkeel {

struct ClaimOptions {
    std::size_t jobs_max = 1;  ///< At most one per conversation comes whatever this says.
    Millis lease_for{30'000};  ///< Prolong it every third of that.
    bool suspects = false;     ///< Messages that crashed us ≥ 2 times: claimed only with this, and one at a time.
};

/// Durable work: accept, claim, answer. Each method is one transaction; none asks a clock, `now` comes from the caller
/// and counts process time since start on top of one wall reading (so a clock jump expires nothing, reliability.md
/// I10). Errors of all: storage (nothing was written), storage "lease_lost" for those that take a Lease. Threads: one;
/// AsyncStore carries calls to it. SQLite and PostgreSQL pass the same suite (testing/store_suite.hpp).
class QueueEngine {
public:
    virtual ~QueueEngine() = default;
    /// Turn and job in one transaction. Errors: request (empty, too long, bad conversation id), request "conflict"
    /// (same key, other text or fingerprint), overload "queue_full".
    virtual Result<Accepted> accept(const Inbound& message, const Id& id, WallTime now) = 0;
    /// Claims this one if it is the head of its conversation and queued; empty if it is not its turn.
    virtual Result<std::optional<Lease>> claim_one(const Id& id, const ClaimOptions& options, WallTime now) = 0;
    /// Due heads of conversations, users in turn (who was served longest ago first), oldest first within a user.
    virtual Result<std::vector<Lease>> claim(const ClaimOptions& options, WallTime now) = 0;
    /// Prolongs the lease and keeps what was said so far: heartbeat and partial text in one write.
    virtual Result<void> extend(const Lease& lease, std::string_view partial, WallTime until) = 0;
    /// Reply row, job done, ledger and outbox, all or none. It stays in the outbox until its surface says `shown`.
    virtual Result<void> complete(const Lease& lease, const Answer& answer, WallTime now) = 0;
    /// Back to the queue, not before `run_at`; keeps the tries and the reason.
    virtual Result<void> release(const Lease& lease, const Error& why, std::span<const Attempt> tries, WallTime run_at,
                                 WallTime now) = 0;
    /// Ends it without an answer: refused or dead, with the notice its asker will read.
    virtual Result<void> bury(const Lease& lease, JobState end, const Error& why, std::span<const Attempt> tries,
                              std::string_view notice, WallTime now) = 0;
};

/// What people and timers do to the queue. A `principal` sees and changes what is its own, `everyone` all; what is
/// another's is refused exactly as what is not there.
class QueueDesk {
public:
    virtual ~QueueDesk() = default;
    /// Ends it as cancelled from any open state. Errors: request "not_found"; request "already_ended".
    virtual Result<void> cancel(std::string_view principal, const Id& id, WallTime now) = 0;
    /// Dead, expired or waiting work is due now, with a new time to live and no counted attempts.
    virtual Result<void> retry(std::string_view principal, const Id& id, WallTime now) = 0;
    /// Returns work whose lease ended to the queue (a crash for that message when its process is gone) and expires what
    /// waited too long, with a notice. Gives how many were touched.
    virtual Result<std::size_t> sweep(WallTime now) = 0;
    /// A provider came back: whoever waits out a back-off is due now, private conversations only where `private_too`.
    /// Gives how many were touched.
    virtual Result<std::size_t> hasten(bool private_too, WallTime now) = 0;
    /// When the next queued message is due; empty when none waits.
    virtual Result<std::optional<WallTime>> next_due() = 0;
    /// Ids that begin so; at most `most`. For resolving what a person typed.
    virtual Result<std::vector<Id>> find(std::string_view principal, const IdPrefix& prefix, std::size_t most) = 0;
    virtual Result<JobView> show(std::string_view principal, const Id& id) = 0;
    /// The body and record of a call. Errors: request "not_found" (also for a plain turn), storage "damaged_row".
    virtual Result<CallRecord> call(std::string_view principal, const Id& id) = 0;
    /// Oldest first. `open_only`: queued and working.
    virtual Result<std::vector<JobView>> list(std::string_view principal, bool open_only, std::size_t most) = 0;
};

class ConversationEngine {
public:
    virtual ~ConversationEngine() = default;
    /// What was said before `sequence`, oldest first: each question with its answer where it has one; refused,
    /// cancelled, expired, dead and unanswered turns are left out. At most the newest `messages_max` messages.
    virtual Result<std::vector<Turn>> history(std::string_view principal, std::string_view conversation,
                                              std::int64_t sequence, std::size_t messages_max) = 0;
    virtual Result<std::vector<ConversationView>> conversations(std::string_view principal, std::size_t most) = 0;
    /// Every message of it, whatever became of it, oldest first.
    virtual Result<std::vector<JobView>> transcript(std::string_view principal, std::string_view conversation) = 0;
    /// Removes it, its answers and what is queued in it, and overwrites their bytes on disk. Errors: request
    /// "not_found".
    virtual Result<void> forget(std::string_view principal, std::string_view conversation) = 0;
    /// Removes one message that has ended, and overwrites its bytes as `forget` does; an empty conversation goes with
    /// it unless it is private. Errors: request "not_found", request "in_progress".
    virtual Result<void> remove(std::string_view principal, const Id& id) = 0;
    virtual Result<void> make_private(std::string_view principal, std::string_view conversation, WallTime now) = 0;
    /// Removes what ended before `before`. Gives how many messages.
    virtual Result<std::size_t> retire(WallTime before) = 0;
};

class OutboxEngine {
public:
    virtual ~OutboxEngine() = default;
    /// What that surface must still show, oldest first. Empty conversation: all of them; principal `everyone`: whoever
    /// asked.
    virtual Result<std::vector<Delivery>> pending(std::string_view frontend, std::string_view principal,
                                                  std::string_view conversation, std::size_t most) = 0;
    /// It was shown. Repeating it changes nothing.
    virtual Result<void> shown(const Id& id, WallTime now) = 0;
    /// Tries per provider, model and day since `from`.
    virtual Result<std::vector<Spend>> spending(WallTime from) = 0;
    /// Tries outside any message: probes.
    virtual Result<void> record_tries(std::span<const Attempt> tries, WallTime now) = 0;
    /// Small things that outlive a restart (breaker states, token ratios): a key, a text. Empty text removes it.
    virtual Result<void> remember(std::string_view key, std::string_view text) = 0;
    virtual Result<std::string> recall(std::string_view key) = 0;
};

/// The keys of the gateway. Revoked and expired ones stay, so that their names in old figures mean something, and so
/// that nobody can be let in without a key because the last one is gone.
class KeyEngine {
public:
    static constexpr std::int64_t keys_max = 10'000;  ///< Also revoked ones; further ones are refused.

    virtual ~KeyEngine() = default;
    /// What hashes of keys are keyed with: `fresh` becomes it if there is none yet.
    virtual Result<KeyHash> hashing_key(const KeyHash& fresh) = 0;
    /// Repeating it with the same id and hash changes nothing. Errors: request "conflict" (a key in use has that name,
    /// or that id is another key), overload "too_many_keys".
    virtual Result<void> add_key(const KeyRecord& key) = 0;
    /// Repeating it changes nothing. Errors: request "not_found".
    virtual Result<void> revoke_key(const Id& id, WallTime now) = 0;
    /// All of them, oldest first.
    virtual Result<std::vector<KeyRecord>> keys() = 0;
};

/// What was used up through the gateway. A line's `start` is in UTC.
class UsageEngine {
public:
    virtual ~UsageEngine() = default;
    /// Adds to what is there: per key, provider, model and minute, and (but for lines that are `in_ledger`) to the
    /// ledger of OutboxEngine::spending.
    virtual Result<void> add_usage(std::span<const UsageLine> lines) = 0;
    /// Each key's sums of the day and month of `now`, and when it was last used. Keys that were never used are left
    /// out.
    virtual Result<std::vector<KeyUse>> key_use(WallTime now) = 0;
    /// Sums per key, provider and model since `from` (the start of a day), by key.
    virtual Result<std::vector<UsageLine>> usage(WallTime from) = 0;
    /// Folds the minutes before the day of `fold_before` to days, and removes what lies before `remove_before`; the
    /// month of `now` is never removed, because budgets are counted by it. At most `retire_max` lines at a time. Gives
    /// how many it touched.
    virtual Result<std::size_t> retire_usage(WallTime fold_before, WallTime remove_before, WallTime now) = 0;
};

/// One opened database: its faces, and its upkeep.
class StoreEngine {
public:
    virtual ~StoreEngine() = default;
    virtual QueueEngine& queue() noexcept = 0;
    virtual QueueDesk& desk() noexcept = 0;
    virtual ConversationEngine& conversations() noexcept = 0;
    virtual OutboxEngine& outbox() noexcept = 0;
    virtual KeyEngine& keys() noexcept = 0;
    virtual UsageEngine& usage() noexcept = 0;
    /// Group commit: what runs between is durable together; each call is still all or nothing by itself. After a failed
    /// commit nothing of the group was written, and the engine refuses everything that follows (reliability.md 1.3).
    virtual Result<void> begin_group() = 0;
    virtual Result<void> commit_group() = 0;
    virtual Result<StoreFigures> figures() = 0;
    /// A consistent copy while running. Errors: storage (target exists, disk full).
    virtual Result<void> backup(const std::string& file) = 0;
    /// Reads everything and verifies structure and checksums; empty when sound, else one line per damage.
    virtual Result<std::vector<std::string>> check() = 0;
    /// Bounded housekeeping between groups: moves the log into the file.
    virtual Result<void> checkpoint() = 0;
};

}  // namespace evenkeel

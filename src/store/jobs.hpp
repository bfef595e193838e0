#pragma once
#include <span>

#include "store/records.hpp"
#include "store/session.hpp"

/// Row operations that several faces of the engine share. All throw Failure; all run inside Session::write or ::read.
namespace evenkeel::sqlite {

inline constexpr std::int64_t crashes_suspect = 2;  ///< From then on a message works alone (I12).

/// The small row of one message.
struct Job {
    std::int64_t number = 0;
    std::int64_t conversation = 0;
    JobState state = JobState::queued;
    bool head = false;
    std::int64_t crashes = 0;
};

/// Nothing when there is none.
std::optional<Job> find_job(Session& session, const Id& id, std::string_view principal = everyone);
/// The same; a foreign one is refused exactly as a missing one: request "not_found".
Job need_job(Session& session, std::string_view principal, const Id& id);
/// The job that this lease still holds, else storage "lease_lost".
Job leased_job(Session& session, const Lease& lease);

/// Moves an open job to an end state and lets the next of its conversation be the head.
void end_job(Session& session, const Job& job, JobState end, std::string_view reason, WallTime now);
/// A working job waits again.
void requeue(Session& session, const Job& job, std::string_view reason, WallTime run_at, bool crashed);
/// Makes the oldest open message of the conversation its head. A working one stays head.
void choose_head(Session& session, std::int64_t conversation);

/// What the asker's surface must show; nothing for one that asks itself.
void put_outbox(Session& session, std::int64_t number, Delivery::Kind kind, std::string_view notice);
/// Adds to the ledger; with a message number also to that message's own list.
void record_tries(Session& session, std::optional<std::int64_t> number, std::span<const Attempt> tries, WallTime now);

/// Work that a dead process held: back to the queue as a crash, or dead with a notice when it was the last it may
/// cause.
void give_up_or_requeue(Session& session, const Job& job, WallTime now);

/// `body` if its checksum holds, else storage "damaged_row" naming what it belongs to.
std::string verified(char kind, std::int64_t number, std::int64_t sum, std::string body, const Id& id);
inline constexpr char question_kind = 'q', answer_kind = 'a', call_kind = 'c', record_kind = 'r', detail_kind = 'd';

/// What `answer_detail.checksum` covers.
std::string detail_text(std::string_view tool_calls, std::string_view reasoning, std::string_view pieces);
/// Keeps what an answer holds beyond its text, if it does.
void put_answer_detail(Session& session, std::int64_t number, const Answer& answer);
/// The call kept for a message; empty for a plain turn.
std::optional<CallRecord> load_call(Session& session, std::int64_t number, const Id& id);

/// The answer kept for a message, with its tries.
std::optional<Answer> load_answer(Session& session, std::int64_t number, const Id& id);

[[noreturn]] void refuse_request(std::string detail, std::string code);

}  // namespace evenkeel::sqlite

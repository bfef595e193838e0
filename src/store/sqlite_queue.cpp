#include "store/sqlite_queue.hpp"

#include <algorithm>

#include "core/text.hpp"
#include "store/checksum.hpp"

namespace evenkeel::sqlite {
namespace {

constexpr std::size_t conversation_bytes_max = 128;
constexpr std::size_t name_bytes_max = 255;  // Keys, users, principals, frontends, models.

Result<void> valid(const Inbound& message) {
    if (trimmed(message.text).empty()) return caller_fault("the message is empty", "empty");
    if (message.text.size() > text_bytes_max)
        return caller_fault("the message has " + format_size(message.text.size()) + "; at most " +
                                format_size(text_bytes_max) + " are taken",
                            "too_long");
    if (to_valid_utf8(message.text) != message.text) return caller_fault("the message is not UTF-8", "not_utf8");
    if (message.conversation.empty() || message.conversation.size() > conversation_bytes_max)
        return caller_fault("a conversation id has 1 to 128 bytes", "bad_conversation");
    for (const std::string* name :
         {&message.idempotency_key, &message.user, &message.principal, &message.frontend, &message.model,
          &message.conversation, &message.dialect, &message.provider, &message.fingerprint}) {
        if (name->size() > name_bytes_max) return caller_fault("a name or key is longer than 255 bytes", "too_long");
        if (to_valid_utf8(*name) != *name || name->find('\0') != std::string::npos)
            return caller_fault("a name or key is not plain UTF-8", "not_utf8");
    }
    if (message.principal.empty()) return caller_fault("a message belongs to somebody", "bad_principal");
    if (message.ttl <= Millis{0}) return caller_fault("the time to live must be positive", "bad_ttl");
    if (message.body.size() > call_bytes_max || message.record.size() > call_bytes_max)
        return caller_fault("the request has " + format_size(message.body.size()) + "; at most " +
                                format_size(call_bytes_max) + " are kept",
                            "too_long");
    return {};
}

/// Adds what was kept of a call; false when that is damaged.
bool take_call(Session& session, std::int64_t number, Lease& lease) try {
    if (auto call = load_call(session, number, lease.id)) {
        lease.message.body = std::move(call->body);
        lease.message.dialect = std::move(call->dialect);
        lease.message.provider = std::move(call->provider);
        lease.message.record = std::move(call->record);
    }
    return true;
} catch (const Failure& failure) {
    if (failure.error.code != "damaged_row") throw;
    return false;
}

}  // namespace

Result<Accepted> SqliteQueue::accept(const Inbound& message, const Id& id, WallTime now) {
    if (auto fine = valid(message); !fine) return fail(fine.error());
    return session_.write(Operation::accept, [&]() -> Accepted {
        if (!message.idempotency_key.empty())
            if (auto first = seen_before(message)) return *first;
        if (session_.tally().open >= session_.options().max_pending)
            throw Failure{own_fault(ErrorClass::overload,
                                    std::to_string(session_.tally().open) + " messages wait already; try again later",
                                    "queue_full")
                              .error()};
        return store_message(message, id, now);
    });
}

std::optional<Accepted> SqliteQueue::seen_before(const Inbound& message) {
    const auto conflict = [] { refuse_request("this idempotency key was used for another request", "conflict"); };
    auto live = session_.db().query(
        "SELECT m.id, j.state, m.sequence, m.fingerprint, m.body FROM message m JOIN job j USING (number) "
        "WHERE m.principal = ? AND m.idempotency_key = ?",
        message.principal, message.idempotency_key);
    if (live.step()) {
        const bool by_text = message.fingerprint.empty();
        if (live.text(3) != message.fingerprint || (by_text && live.text(4) != message.text)) conflict();
        return Accepted{.id = live.id(0),
                        .duplicate = true,
                        .state = job_state_from(live.text(1)).value_or(JobState::dead),
                        .sequence = live.integer(2)};
    }
    auto spent = session_.db().query(
        "SELECT id, state, sequence, fingerprint FROM spent_key WHERE principal = ? AND idempotency_key = ?",
        message.principal, message.idempotency_key);
    if (!spent.step()) return std::nullopt;
    if (spent.text(3) != message.fingerprint) conflict();
    return Accepted{.id = spent.id(0),
                    .duplicate = true,
                    .state = job_state_from(spent.text(1)).value_or(JobState::dead),
                    .sequence = spent.integer(2)};
}

Accepted SqliteQueue::store_message(const Inbound& message, const Id& id, WallTime now) {
    Database& db = session_.db();
    auto place = db.query(
        "INSERT INTO conversation (principal, name, private, last_sequence, first_at, last_at) "
        "VALUES (?1, ?2, ?3, 1, ?4, ?4) ON CONFLICT (principal, name) DO UPDATE SET "
        "last_sequence = last_sequence + 1, last_at = ?4, private = max(private, ?3) "
        "RETURNING number, last_sequence",
        message.principal, message.conversation, message.is_private, now);
    place.step();
    const std::int64_t conversation = place.integer(0), sequence = place.integer(1);
    // The last served turn is where newcomers begin, so that an idle user has saved up nothing.
    auto asker = db.query(
        "INSERT INTO asker (principal, user, last_turn) VALUES (?1, ?2, ?3) ON CONFLICT (principal, user) "
        "DO UPDATE SET last_turn = max(last_turn + 1, ?3) RETURNING last_turn",
        message.principal, message.user, session_.tally().turn);
    asker.step();
    const std::int64_t turn = asker.integer(0);
    const std::int64_t number = 1 + db.integer("SELECT coalesce(max(number), 0) FROM message");
    const std::optional<std::string_view> key =
        message.idempotency_key.empty() ? std::nullopt : std::optional<std::string_view>(message.idempotency_key);
    db.run("INSERT INTO message VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?)", number, id, conversation,
           sequence, message.principal, message.user, message.frontend, key, message.model, message.ttl, now,
           checksum(question_kind, number, message.text), Bytes{message.text}, message.fingerprint);
    if (!message.body.empty())
        db.run("INSERT INTO call VALUES (?, ?, ?, 0, ?, ?, ?, ?)", number, message.dialect, message.provider,
               checksum(call_kind, number, message.body), Bytes{message.body},
               checksum(record_kind, number, message.record), Bytes{message.record});
    db.run(
        "INSERT INTO job VALUES (?1, ?2, 'queued', NOT EXISTS (SELECT 1 FROM job WHERE conversation = ?2 AND head = "
        "1), "
        "?3, ?4, ?5, NULL, NULL, NULL, 0, 0, 0, '')",
        number, conversation, turn, now, now + message.ttl);
    return Accepted{.id = id, .sequence = sequence, .ahead = session_.tally().open++};
}

std::vector<std::int64_t> SqliteQueue::due(const ClaimOptions& options, WallTime now) {
    Database& db = session_.db();
    // A suspect runs alone: should it take the process down again, nobody else is hit (I12).
    if (options.suspects && db.integer("SELECT count(*) FROM job WHERE state = 'working'") > 0) return {};
    const std::size_t most = options.suspects ? 1 : std::min(options.jobs_max, claims_max);
    auto row = db.query(
        "SELECT number FROM job WHERE head = 1 AND state = 'queued' AND run_at <= ?1 AND (crashes >= ?2) = ?3 "
        "AND expires_at > ?1 ORDER BY turn, number LIMIT ?4",
        now, crashes_suspect, options.suspects, most);
    std::vector<std::int64_t> numbers;
    while (row.step()) numbers.push_back(row.integer(0));
    return numbers;
}

std::optional<Lease> SqliteQueue::lease(std::int64_t number, const ClaimOptions& options, WallTime now) {
    Database& db = session_.db();
    db.run("UPDATE job SET state = 'working', epoch = epoch + 1, generation = ?, lease_until = ? WHERE number = ?",
           session_.generation(), now + options.lease_for, number);
    auto row = db.query(
        "SELECT m.id, j.epoch, m.sequence, j.attempts, j.crashes, m.frontend, m.principal, m.user, c.name, "
        "m.idempotency_key, m.model, c.private, m.ttl, m.accepted_at, j.expires_at, j.turn, m.checksum, m.body, "
        "j.conversation, m.fingerprint, j.crashes > 0 OR EXISTS (SELECT 1 FROM partial p WHERE p.number = m.number) "
        "FROM job j JOIN message m USING (number) JOIN conversation c ON c.number = j.conversation "
        "WHERE j.number = ?",
        number);
    row.step();
    session_.tally().turn = std::max(session_.tally().turn, row.integer(15));
    Lease lease{.id = row.id(0),
                .epoch = static_cast<std::uint64_t>(row.integer(1)),
                .generation = session_.generation(),
                .sequence = row.integer(2),
                .attempts = row.integer(3),
                .crashes = row.integer(4),
                .spoke = row.truth(20),
                .message = {.frontend = row.text(5),
                            .principal = row.text(6),
                            .user = row.text(7),
                            .conversation = row.text(8),
                            .idempotency_key = row.text(9),
                            .text = row.text(17),
                            .model = row.text(10),
                            .is_private = row.truth(11),
                            .ttl = Millis{row.integer(12)},
                            .fingerprint = row.text(19)},
                .accepted_at = row.wall(13),
                .expires_at = row.wall(14)};
    if (checksum(question_kind, number, lease.message.text) == row.integer(16) && take_call(session_, number, lease))
        return lease;
    // Nobody may be asked a damaged question, and it must not block the queue: it ends, and its asker is told.
    end_job(session_, Job{.number = number, .conversation = row.integer(18), .head = true}, JobState::dead,
            "the question is damaged on disk", now);
    put_outbox(session_, number, Delivery::Kind::dead,
               "This question was damaged on disk and cannot be answered. Please ask it again.");
    return std::nullopt;
}

Result<std::vector<Lease>> SqliteQueue::claim(const ClaimOptions& options, WallTime now) {
    // Most claims find nothing; those need no transaction and no sync.
    auto numbers = session_.read([&] { return due(options, now); });
    if (!numbers) return fail(numbers.error());
    if (numbers->empty()) return std::vector<Lease>{};
    return session_.write(Operation::claim, [&] {
        std::vector<Lease> leases;
        for (const std::int64_t number : *numbers)
            if (auto one = lease(number, options, now)) leases.push_back(std::move(*one));
        return leases;
    });
}

Result<std::optional<Lease>> SqliteQueue::claim_one(const Id& id, const ClaimOptions& options, WallTime now) {
    return session_.write(Operation::claim, [&]() -> std::optional<Lease> {
        const auto job = find_job(session_, id);
        if (!job || !job->head || job->state != JobState::queued) return std::nullopt;
        if (job->crashes >= crashes_suspect) {
            if (!options.suspects) return std::nullopt;
            if (session_.db().integer("SELECT count(*) FROM job WHERE state = 'working'") > 0) return std::nullopt;
        }
        return lease(job->number, options, now);
    });
}

Result<void> SqliteQueue::extend(const Lease& lease, std::string_view partial, WallTime until) {
    return session_.write(Operation::extend, [&] {
        const Job job = leased_job(session_, lease);
        session_.db().run("UPDATE job SET lease_until = ? WHERE number = ?", until, job.number);
        if (!partial.empty())
            session_.db().run("INSERT OR REPLACE INTO partial VALUES (?, ?)", job.number,
                              Bytes{utf8_prefix(partial, partial_bytes_max)});
    });
}

Result<void> SqliteQueue::complete(const Lease& lease, const Answer& answer, WallTime now) {
    return session_.write(Operation::complete, [&] {
        Database& db = session_.db();
        const Job job = leased_job(session_, lease);
        db.run("INSERT INTO answer VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?)", job.number, answer.provider,
               answer.model, to_string(answer.finish), answer.degraded, answer.usage.input, answer.usage.output,
               answer.usage.estimated, answer.cost_usd, answer.latency, answer.first_token, answer.turns_left_out,
               checksum(answer_kind, job.number, answer.text), Bytes{answer.text});
        put_answer_detail(session_, job.number, answer);
        db.run("DELETE FROM partial WHERE number = ?", job.number);
        end_job(session_, job, JobState::answered, "", now);
        record_tries(session_, job.number, answer.attempts, now);
        put_outbox(session_, job.number, Delivery::Kind::answer, "");
    });
}

Result<void> SqliteQueue::release(const Lease& lease, const Error& why, std::span<const Attempt> tries, WallTime run_at,
                                  WallTime now) {
    return session_.write(Operation::release, [&] {
        const Job job = leased_job(session_, lease);
        requeue(session_, job, in_words(why), run_at, false);
        record_tries(session_, job.number, tries, now);
    });
}

Result<void> SqliteQueue::bury(const Lease& lease, JobState end, const Error& why, std::span<const Attempt> tries,
                               std::string_view notice, WallTime now) {
    if (end != JobState::refused && end != JobState::dead)
        return own_fault(ErrorClass::internal,
                         "a message is buried as refused or dead, not as " + std::string(to_string(end)));
    return session_.write(Operation::bury, [&] {
        const Job job = leased_job(session_, lease);
        end_job(session_, job, end, in_words(why), now);
        record_tries(session_, job.number, tries, now);
        put_outbox(session_, job.number, end == JobState::refused ? Delivery::Kind::refused : Delivery::Kind::dead,
                   notice);
    });
}

}  // namespace evenkeel::sqlite

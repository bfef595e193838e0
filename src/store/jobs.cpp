#include "store/jobs.hpp"

#include "core/text.hpp"
#include "store/checksum.hpp"

namespace evenkeel::sqlite {
namespace {

constexpr std::size_t reason_columns_max = 300;

Job job_of(Statement& row) {
    return Job{.number = row.integer(0),
               .conversation = row.integer(1),
               .state = job_state_from(row.text(2)).value_or(JobState::dead),
               .head = row.truth(3),
               .crashes = row.integer(4)};
}

void add_to_ledger(Session& session, const Attempt& attempt, std::string_view day) {
    const Usage usage = attempt.usage.value_or(Usage{});
    session.db().run(
        "INSERT INTO ledger VALUES (?1, ?2, ?3, 1, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO UPDATE SET "
        "tries = tries + 1, answers = answers + ?4, input_tokens = input_tokens + ?5, "
        "output_tokens = output_tokens + ?6, estimated = max(estimated, ?7), cost_usd = cost_usd + ?8, "
        "cost_unknown = cost_unknown + ?9",
        day, attempt.provider, attempt.model, attempt.outcome == Attempt::Outcome::answered, usage.input, usage.output,
        usage.estimated, attempt.cost_usd.value_or(0.0), attempt.usage.has_value() && !attempt.cost_usd.has_value());
}

void add_try(Session& session, std::int64_t number, std::int64_t n, const Attempt& attempt) {
    const std::optional<Error>& error = attempt.error;
    const std::optional<Usage>& usage = attempt.usage;
    const auto word = [&error](auto of) { return error ? std::optional<std::string_view>(of(*error)) : std::nullopt; };
    session.db().run(
        "INSERT INTO try VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", number, n, attempt.provider,
        attempt.model, to_string(attempt.outcome), word([](const Error& e) { return to_string(e.cls); }),
        word([](const Error& e) { return to_string(e.origin); }),
        word([](const Error& e) { return to_string(e.scope); }),
        error ? std::optional<int>(error->http_status) : std::nullopt,
        word([](const Error& e) { return std::string_view(e.code); }),
        word([](const Error& e) { return std::string_view(e.detail); }), attempt.took, attempt.first_content_after,
        usage ? std::optional(usage->input) : std::nullopt, usage ? std::optional(usage->output) : std::nullopt,
        usage ? std::optional(usage->estimated) : std::nullopt, attempt.cost_usd, attempt.turns_left_out,
        attempt.probe);
}

Attempt attempt_of(Statement& row) {
    Attempt attempt{.provider = row.text(0),
                    .model = row.text(1),
                    .outcome = outcome_from(row.text(2)).value_or(Attempt::Outcome::failed),
                    .took = Millis{row.integer(9)},
                    .turns_left_out = static_cast<std::uint32_t>(row.integer(15)),
                    .probe = row.truth(16)};
    if (!row.is_null(3))
        attempt.error = Error{.cls = error_class_from(row.text(3)).value_or(ErrorClass::internal),
                              .origin = origin_from(row.text(4)).value_or(Origin::self),
                              .scope = scope_from(row.text(5)).value_or(Scope::none),
                              .http_status = static_cast<int>(row.integer(6)),
                              .code = row.text(7),
                              .detail = row.text(8)};
    if (!row.is_null(10)) attempt.first_content_after = Millis{row.integer(10)};
    if (!row.is_null(11)) attempt.usage = Usage{row.integer(11), row.integer(12), row.truth(13)};
    if (!row.is_null(14)) attempt.cost_usd = row.real(14);
    return attempt;
}

std::vector<Attempt> load_tries(Session& session, std::int64_t number) {
    auto row = session.db().query(
        "SELECT provider, model, outcome, class, origin, scope, http_status, code, detail, took, first_content_after, "
        "input_tokens, output_tokens, estimated, cost_usd, turns_left_out, probe FROM try WHERE number = ? ORDER BY n",
        number);
    std::vector<Attempt> tries;
    while (row.step()) tries.push_back(attempt_of(row));
    return tries;
}

void load_detail(Session& session, std::int64_t number, const Id& id, Answer& answer) {
    auto row = session.db().query("SELECT checksum, tool_calls, reasoning, pieces FROM answer_detail WHERE number = ?",
                                  number);
    if (!row.step()) return;
    answer.tool_calls = row.text(1);
    answer.reasoning = row.text(2);
    answer.pieces = row.text(3);
    static_cast<void>(verified(detail_kind, number, row.integer(0),
                               detail_text(answer.tool_calls, answer.reasoning, answer.pieces), id));
}

}  // namespace

void refuse_request(std::string detail, std::string code) {
    throw Failure{caller_fault(std::move(detail), std::move(code)).error()};
}

std::optional<Job> find_job(Session& session, const Id& id, std::string_view principal) {
    auto row = session.db().query(
        "SELECT j.number, j.conversation, j.state, j.head, j.crashes FROM message m JOIN job j USING (number) "
        "WHERE m.id = ?1 AND (?2 = '' OR m.principal = ?2)",
        id, principal);
    if (!row.step()) return std::nullopt;
    return job_of(row);
}

Job need_job(Session& session, std::string_view principal, const Id& id) {
    if (auto job = find_job(session, id, principal)) return *job;
    refuse_request("no message has the id " + to_string(id), "not_found");
}

Job leased_job(Session& session, const Lease& lease) {
    auto row = session.db().query(
        "SELECT j.number, j.conversation, j.state, j.head, j.crashes FROM message m JOIN job j USING (number) "
        "WHERE m.id = ? AND j.state = 'working' AND j.epoch = ? AND j.generation = ?",
        lease.id, lease.epoch, lease.generation);
    if (row.step()) return job_of(row);
    throw Failure{own_fault(ErrorClass::storage,
                            "the lease on " + to_string(lease.id) + " is no longer ours; somebody else answers it",
                            "lease_lost")
                      .error()};
}

void choose_head(Session& session, std::int64_t conversation) {
    Database& db = session.db();
    if (db.integer("SELECT count(*) FROM job WHERE conversation = ? AND head = 1 AND state = 'working'", conversation))
        return;
    db.run("UPDATE job SET head = 0 WHERE conversation = ? AND head = 1", conversation);
    db.run(
        "UPDATE job SET head = 1 WHERE number = "
        "(SELECT number FROM job WHERE conversation = ? AND state = 'queued' ORDER BY number LIMIT 1)",
        conversation);
}

void end_job(Session& session, const Job& job, JobState end, std::string_view reason, WallTime now) {
    session.db().run(
        "UPDATE job SET state = ?, reason = ?, ended_at = ?, head = 0, lease_until = NULL, generation = NULL "
        "WHERE number = ?",
        to_string(end), one_line(reason, reason_columns_max), now, job.number);
    session.tally().open -= 1;
    if (job.head) choose_head(session, job.conversation);
}

void requeue(Session& session, const Job& job, std::string_view reason, WallTime run_at, bool crashed) {
    session.db().run(
        "UPDATE job SET state = 'queued', reason = ?, run_at = ?, lease_until = NULL, generation = NULL, "
        "attempts = attempts + 1, crashes = crashes + ? WHERE number = ?",
        one_line(reason, reason_columns_max), run_at, crashed, job.number);
    // An older message may have been revived while this one worked.
    choose_head(session, job.conversation);
}

void put_outbox(Session& session, std::int64_t number, Delivery::Kind kind, std::string_view notice) {
    session.db().run(
        "INSERT OR REPLACE INTO outbox (number, frontend, kind, notice) "
        "SELECT number, frontend, ?2, ?3 FROM message WHERE number = ?1 AND frontend <> ?4",
        number, to_string(kind), notice, pulled);
}

void record_tries(Session& session, std::optional<std::int64_t> number, std::span<const Attempt> tries, WallTime now) {
    if (tries.empty()) return;
    const std::string day = format_wall(now).substr(0, 10);
    std::int64_t n = number ? session.db().integer("SELECT coalesce(max(n), 0) FROM try WHERE number = ?", *number) : 0;
    for (const Attempt& attempt : tries) {
        if (number) add_try(session, *number, ++n, attempt);
        // A provider that was not asked cost nothing and is no try.
        if (attempt.outcome != Attempt::Outcome::skipped) add_to_ledger(session, attempt, day);
    }
}

void give_up_or_requeue(Session& session, const Job& job, WallTime now) {
    if (job.crashes + 1 < session.options().crashes_max) {
        requeue(session, job, "the process that worked on it ended", now, true);
        return;
    }
    session.db().run("UPDATE job SET crashes = crashes + 1, attempts = attempts + 1 WHERE number = ?", job.number);
    const std::string times = std::to_string(job.crashes + 1) + (job.crashes == 0 ? " time" : " times");
    end_job(session, job, JobState::dead, "the process ended " + times + " while it worked on this", now);
    put_outbox(session, job.number, Delivery::Kind::dead,
               "This question was set aside: the bot stopped " + times +
                   " while answering it. Ask it in other words, or have it tried again.");
}

std::string verified(char kind, std::int64_t number, std::int64_t sum, std::string body, const Id& id) {
    if (checksum(kind, number, body) == sum) return body;
    throw Failure{own_fault(ErrorClass::storage,
                            "the text kept for " + to_string(id) + " is damaged on disk; run 'evenkeel doctor'",
                            "damaged_row")
                      .error()};
}

std::optional<Answer> load_answer(Session& session, std::int64_t number, const Id& id) {
    auto row = session.db().query(
        "SELECT checksum, body, provider, model, finish, degraded, input_tokens, output_tokens, estimated, cost_usd, "
        "latency, first_token, turns_left_out FROM answer WHERE number = ?",
        number);
    if (!row.step()) return std::nullopt;
    Answer answer{.text = verified(answer_kind, number, row.integer(0), row.text(1), id),
                  .provider = row.text(2),
                  .model = row.text(3),
                  .finish = finish_reason_from(row.text(4)).value_or(FinishReason::stop),
                  .degraded = row.truth(5),
                  .usage = {row.integer(6), row.integer(7), row.truth(8)},
                  .latency = Millis{row.integer(10)},
                  .turns_left_out = static_cast<std::uint32_t>(row.integer(12)),
                  .attempts = load_tries(session, number)};
    if (!row.is_null(9)) answer.cost_usd = row.real(9);
    if (!row.is_null(11)) answer.first_token = Millis{row.integer(11)};
    load_detail(session, number, id, answer);
    return answer;
}

std::string detail_text(std::string_view tool_calls, std::string_view reasoning, std::string_view pieces) {
    std::string whole;
    for (const std::string_view part : {tool_calls, reasoning, pieces}) {
        whole += std::to_string(part.size()) + ':';
        whole += part;
    }
    return whole;
}

void put_answer_detail(Session& session, std::int64_t number, const Answer& answer) {
    if (answer.tool_calls.empty() && answer.reasoning.empty() && answer.pieces.empty()) return;
    session.db().run("INSERT INTO answer_detail VALUES (?, 0, ?, ?, ?, ?)", number,
                     checksum(detail_kind, number, detail_text(answer.tool_calls, answer.reasoning, answer.pieces)),
                     Bytes{answer.tool_calls}, Bytes{answer.reasoning}, Bytes{answer.pieces});
}

std::optional<CallRecord> load_call(Session& session, std::int64_t number, const Id& id) {
    auto row = session.db().query(
        "SELECT dialect, checksum, body, record_checksum, record, provider FROM call WHERE number = ?", number);
    if (!row.step()) return std::nullopt;
    return CallRecord{.dialect = row.text(0),
                      .provider = row.text(5),
                      .body = verified(call_kind, number, row.integer(1), row.text(2), id),
                      .record = verified(record_kind, number, row.integer(3), row.text(4), id)};
}

}  // namespace evenkeel::sqlite

#include "store/sqlite_desk.hpp"

#include <algorithm>

#include "core/text.hpp"
#include "store/views.hpp"

namespace evenkeel::sqlite {
namespace {

std::vector<std::int64_t> numbers_of(Statement row) {
    std::vector<std::int64_t> numbers;
    while (row.step()) numbers.push_back(row.integer(0));
    return numbers;
}

std::vector<Job> jobs_of(Statement row) {
    std::vector<Job> jobs;
    while (row.step())
        jobs.push_back({.number = row.integer(0),
                        .conversation = row.integer(1),
                        .state = job_state_from(row.text(2)).value_or(JobState::dead),
                        .head = row.truth(3),
                        .crashes = row.integer(4)});
    return jobs;
}

}  // namespace

void void_old_leases(Session& session, WallTime now) {
    const auto held = jobs_of(session.db().query(
        "SELECT number, conversation, state, head, crashes FROM job WHERE state = 'working' AND generation <> ?",
        session.generation()));
    for (const Job& job : held) give_up_or_requeue(session, job, now);
    // A back-off was counted on the clock of an earlier process. Had that clock been ahead, it would last for ever.
    session.db().run("UPDATE job SET run_at = ?1 WHERE state = 'queued' AND run_at > ?1", now);
}

Result<void> SqliteDesk::cancel(std::string_view principal, const Id& id, WallTime now) {
    return session_.write(Operation::other, [&] {
        const Job job = need_job(session_, principal, id);
        if (!is_open(job.state))
            refuse_request("it ended already as " + std::string(to_string(job.state)), "already_ended");
        end_job(session_, job, JobState::cancelled, "cancelled", now);
    });
}

Result<void> SqliteDesk::retry(std::string_view principal, const Id& id, WallTime now) {
    return session_.write(Operation::other, [&] {
        const Job job = need_job(session_, principal, id);
        if (job.state == JobState::working) refuse_request("it is being answered right now", "in_progress");
        if (job.state != JobState::queued && job.state != JobState::dead && job.state != JobState::expired)
            refuse_request("it ended already as " + std::string(to_string(job.state)), "already_ended");
        Database& db = session_.db();
        db.run(
            "UPDATE job SET state = 'queued', ended_at = NULL, run_at = ?1, attempts = 0, crashes = 0, reason = '', "
            "expires_at = ?1 + (SELECT ttl FROM message m WHERE m.number = job.number) WHERE number = ?2",
            now, job.number);
        // A notice that nobody has seen yet is no longer true.
        db.run("DELETE FROM outbox WHERE number = ?", job.number);
        if (!is_open(job.state)) session_.tally().open += 1;
        choose_head(session_, job.conversation);
    });
}

Result<std::size_t> SqliteDesk::sweep(WallTime now) {
    const auto due = session_.read([&] {
        return session_.db().integer(
            "SELECT EXISTS (SELECT 1 FROM job WHERE state = 'working' AND lease_until <= ?1) OR "
            "EXISTS (SELECT 1 FROM job WHERE state = 'queued' AND expires_at <= ?1)",
            now);
    });
    if (!due) return fail(due.error());
    if (*due == 0) return std::size_t{0};
    return session_.write(Operation::other, [&] { return end_leases(now) + expire(now); });
}

std::size_t SqliteDesk::end_leases(WallTime now) {
    const auto ended = jobs_of(session_.db().query(
        "SELECT number, conversation, state, head, crashes FROM job WHERE state = 'working' AND lease_until <= ? "
        "ORDER BY lease_until LIMIT ?",
        now, sweep_max));
    for (const Job& job : ended) requeue(session_, job, "its worker did not report in time", now, false);
    return ended.size();
}

std::size_t SqliteDesk::expire(WallTime now) {
    const auto waited = jobs_of(session_.db().query(
        "SELECT number, conversation, state, head, crashes FROM job WHERE state = 'queued' AND expires_at <= ? "
        "ORDER BY expires_at LIMIT ?",
        now, sweep_max));
    for (const Job& job : waited) {
        const Millis ttl{session_.db().integer("SELECT ttl FROM message WHERE number = ?", job.number)};
        const std::string why = "no provider could answer within " + spoken_duration(ttl);
        // The head may have moved on to this one while its elders expired in the same sweep.
        const bool head = session_.db().integer("SELECT head FROM job WHERE number = ?", job.number) != 0;
        end_job(session_, Job{.number = job.number, .conversation = job.conversation, .head = head}, JobState::expired,
                why, now);
        put_outbox(session_, job.number, Delivery::Kind::expired,
                   "This question was given up: " + why + ". Ask it again, or have it tried again.");
    }
    return waited.size();
}

Result<std::size_t> SqliteDesk::hasten(bool private_too, WallTime now) {
    const auto waiting = session_.read(
        [&] { return session_.db().integer("SELECT count(*) FROM job WHERE state = 'queued' AND run_at > ?", now); });
    if (!waiting) return fail(waiting.error());
    if (*waiting == 0) return std::size_t{0};
    return session_.write(Operation::other, [&] {
        auto row = session_.db().query(
            "UPDATE job SET run_at = ?1 WHERE state = 'queued' AND run_at > ?1 AND "
            "(?2 OR NOT (SELECT private FROM conversation c WHERE c.number = job.conversation)) RETURNING number",
            now, private_too);
        return numbers_of(std::move(row)).size();
    });
}

Result<std::optional<WallTime>> SqliteDesk::next_due() {
    return session_.read([&]() -> std::optional<WallTime> {
        auto row = session_.db().query("SELECT min(run_at) FROM job WHERE head = 1 AND state = 'queued'");
        row.step();
        return row.maybe_wall(0);
    });
}

Result<std::vector<Id>> SqliteDesk::find(std::string_view principal, const IdPrefix& prefix, std::size_t most) {
    return session_.read([&] {
        auto row = session_.db().query(
            "SELECT id FROM message WHERE id BETWEEN ?1 AND ?2 AND (?3 = '' OR principal = ?3) "
            "ORDER BY id LIMIT ?4",
            prefix.low, prefix.high, principal, most);
        std::vector<Id> ids;
        while (row.step()) ids.push_back(row.id(0));
        return ids;
    });
}

Result<JobView> SqliteDesk::show(std::string_view principal, const Id& id) {
    return session_.read([&] {
        const Job job = need_job(session_, principal, id);
        JobView view = load_view(session_, job.number);
        view.position = position_of(session_, job.number);
        return view;
    });
}

Result<CallRecord> SqliteDesk::call(std::string_view principal, const Id& id) {
    return session_.read([&] {
        const Job job = need_job(session_, principal, id);
        if (auto call = load_call(session_, job.number, id)) return std::move(*call);
        refuse_request(to_string(id) + " is no call of a program", "not_found");
    });
}

Result<std::vector<JobView>> SqliteDesk::list(std::string_view principal, bool open_only, std::size_t most) {
    return session_.read([&] {
        Database& db = session_.db();
        if (open_only)
            return load_views(
                session_,
                numbers_of(db.query("SELECT number FROM (SELECT number FROM job WHERE state = 'queued' UNION ALL "
                                    "SELECT number FROM job WHERE state = 'working') JOIN message m USING (number) "
                                    "WHERE ?1 = '' OR m.principal = ?1 ORDER BY number LIMIT ?2",
                                    principal, most)));
        // The newest, told oldest first: what happened lately is what people look for.
        auto numbers = numbers_of(
            db.query("SELECT number FROM message WHERE ?1 = '' OR principal = ?1 ORDER BY number DESC LIMIT ?2",
                     principal, most));
        std::ranges::reverse(numbers);
        return load_views(session_, numbers);
    });
}

}  // namespace evenkeel::sqlite

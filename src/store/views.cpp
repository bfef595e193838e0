#include "store/views.hpp"

#include <unordered_map>

#include "store/checksum.hpp"

namespace evenkeel::sqlite {

JobView load_view(Session& session, std::int64_t number) {
    auto row = session.db().query(
        "SELECT m.id, m.frontend, m.principal, m.user, c.name, m.idempotency_key, m.model, c.private, m.ttl, "
        "m.checksum, m.body, j.state, m.sequence, m.accepted_at, j.expires_at, j.run_at, j.ended_at, j.attempts, "
        "j.crashes, j.reason, (SELECT body FROM partial p WHERE p.number = m.number), m.fingerprint, "
        "(SELECT dialect FROM call WHERE call.number = m.number) "
        "FROM message m JOIN job j USING (number) JOIN conversation c ON c.number = m.conversation WHERE m.number = ?",
        number);
    row.step();
    JobView view{.id = row.id(0),
                 .message = {.frontend = row.text(1),
                             .principal = row.text(2),
                             .user = row.text(3),
                             .conversation = row.text(4),
                             .idempotency_key = row.text(5),
                             .model = row.text(6),
                             .is_private = row.truth(7),
                             .ttl = Millis{row.integer(8)},
                             .dialect = row.text(22),
                             .fingerprint = row.text(21)},
                 .state = job_state_from(row.text(11)).value_or(JobState::dead),
                 .sequence = row.integer(12),
                 .accepted_at = row.wall(13),
                 .expires_at = row.wall(14),
                 .ended_at = row.maybe_wall(16),
                 .attempts = row.integer(17),
                 .crashes = row.integer(18),
                 .reason = row.text(19),
                 .partial = row.text(20)};
    if (view.state == JobState::queued) view.run_at = row.wall(15);
    try {
        view.message.text = verified(question_kind, number, row.integer(9), row.text(10), view.id);
        view.answer = load_answer(session, number, view.id);
    } catch (const Failure& failure) {
        if (failure.error.code != "damaged_row") throw;
        view.reason = failure.error.detail;
    }
    return view;
}

std::int64_t position_of(Session& session, std::int64_t number) {
    return session.db().integer(
        "SELECT count(*) FROM job me JOIN job other ON (other.turn, other.number) <= (me.turn, me.number) "
        "WHERE me.number = ? AND me.state = 'queued' AND other.state = 'queued'",
        number);
}

std::vector<JobView> load_views(Session& session, const std::vector<std::int64_t>& numbers) {
    std::unordered_map<std::int64_t, std::int64_t> places;
    auto line = session.db().query("SELECT number FROM job WHERE state = 'queued' ORDER BY turn, number");
    while (line.step()) places.emplace(line.integer(0), places.size() + 1);
    std::vector<JobView> views;
    views.reserve(numbers.size());
    for (const std::int64_t number : numbers) {
        views.push_back(load_view(session, number));
        if (const auto place = places.find(number); place != places.end()) views.back().position = place->second;
    }
    return views;
}

}  // namespace evenkeel::sqlite

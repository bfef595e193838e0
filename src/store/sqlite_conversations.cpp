#include "store/sqlite_conversations.hpp"

#include <algorithm>

#include "store/checksum.hpp"
#include "store/views.hpp"

namespace evenkeel::sqlite {
namespace {

std::vector<std::int64_t> numbers_of(Statement row) {
    std::vector<std::int64_t> numbers;
    while (row.step()) numbers.push_back(row.integer(0));
    return numbers;
}

}  // namespace

std::int64_t SqliteConversations::need_conversation(std::string_view principal, std::string_view name) {
    auto row = session_.db().query("SELECT number FROM conversation WHERE principal = ? AND name = ?", principal, name);
    if (row.step()) return row.integer(0);
    refuse_request("there is no conversation of that name", "not_found");
}

Result<std::vector<Turn>> SqliteConversations::history(std::string_view principal, std::string_view conversation,
                                                       std::int64_t sequence, std::size_t messages_max) {
    return session_.read([&] {
        // An answer row exists exactly for what was answered, so the join leaves out every other end. Whole pairs only.
        auto row = session_.db().query(
            "SELECT m.number, m.checksum, m.body, a.checksum, a.body FROM conversation c "
            "JOIN message m ON m.conversation = c.number JOIN answer a ON a.number = m.number "
            "WHERE c.principal = ? AND c.name = ? AND m.sequence < ? ORDER BY m.sequence DESC LIMIT ?",
            principal, conversation, sequence, messages_max / 2);
        std::vector<Turn> turns;
        while (row.step()) {
            Turn question{Role::user, row.text(2)}, answer{Role::assistant, row.text(4)};
            // A damaged turn is left out: better a shorter context than a false one.
            if (checksum(question_kind, row.integer(0), question.text) != row.integer(1)) continue;
            if (checksum(answer_kind, row.integer(0), answer.text) != row.integer(3)) continue;
            turns.push_back(std::move(answer));
            turns.push_back(std::move(question));
        }
        std::ranges::reverse(turns);
        return turns;
    });
}

Result<std::vector<ConversationView>> SqliteConversations::conversations(std::string_view principal, std::size_t most) {
    return session_.read([&] {
        auto row = session_.db().query(
            "SELECT name, private, first_at, last_at, "
            "(SELECT count(*) FROM message m WHERE m.conversation = c.number), "
            "(SELECT count(*) FROM job j WHERE j.conversation = c.number AND j.state = 'queued') + "
            "(SELECT count(*) FROM job j WHERE j.conversation = c.number AND j.head = 1 AND j.state = 'working') "
            "FROM conversation c WHERE principal = ? ORDER BY last_at DESC, number DESC LIMIT ?",
            principal, most);
        std::vector<ConversationView> views;
        while (row.step())
            views.push_back({.id = row.text(0),
                             .is_private = row.truth(1),
                             .first_at = row.wall(2),
                             .last_at = row.wall(3),
                             .messages = row.integer(4),
                             .open = row.integer(5)});
        return views;
    });
}

Result<std::vector<JobView>> SqliteConversations::transcript(std::string_view principal,
                                                             std::string_view conversation) {
    return session_.read([&] {
        return load_views(session_, numbers_of(session_.db().query(
                                        "SELECT number FROM message WHERE conversation = ? ORDER BY sequence",
                                        need_conversation(principal, conversation))));
    });
}

void SqliteConversations::remove_message(std::int64_t number) {
    Database& db = session_.db();
    db.run(
        "INSERT OR IGNORE INTO spent_key SELECT m.principal, m.idempotency_key, m.id, m.sequence, j.state, "
        "m.fingerprint "
        "FROM message m JOIN job j USING (number) WHERE m.number = ? AND m.idempotency_key IS NOT NULL",
        number);
    session_.tally().open -=
        db.integer("SELECT count(*) FROM job WHERE number = ? AND state IN ('queued', 'working')", number);
    db.run("DELETE FROM outbox WHERE number = ?", number);
    db.run("DELETE FROM try WHERE number = ?", number);
    db.run("DELETE FROM answer_detail WHERE number = ?", number);
    db.run("DELETE FROM answer WHERE number = ?", number);
    db.run("DELETE FROM call WHERE number = ?", number);
    db.run("DELETE FROM partial WHERE number = ?", number);
    db.run("DELETE FROM job WHERE number = ?", number);
    db.run("DELETE FROM message WHERE number = ?", number);
}

Result<void> SqliteConversations::forget(std::string_view principal, std::string_view conversation) {
    auto removed = session_.write(Operation::other, [&] {
        const std::int64_t found = need_conversation(principal, conversation);
        for (const std::int64_t number :
             numbers_of(session_.db().query("SELECT number FROM message WHERE conversation = ?", found)))
            remove_message(number);
        session_.db().run("DELETE FROM conversation WHERE number = ?", found);
    });
    if (!removed) return removed;
    // secure_delete has zeroed the pages; the log still holds older copies of them until it is emptied.
    session_.wipe_log_soon();
    return session_.checkpoint();
}

Result<void> SqliteConversations::remove(std::string_view principal, const Id& id) {
    auto removed = session_.write(Operation::other, [&] {
        const Job job = need_job(session_, principal, id);
        if (is_open(job.state)) refuse_request("it still owes an answer; cancel it first", "in_progress");
        remove_message(job.number);
        session_.db().run(
            "DELETE FROM conversation WHERE number = ?1 AND private = 0 AND NOT EXISTS "
            "(SELECT 1 FROM message WHERE conversation = ?1)",
            job.conversation);
    });
    if (!removed) return removed;
    session_.wipe_log_soon();
    return session_.checkpoint();
}

Result<void> SqliteConversations::make_private(std::string_view principal, std::string_view conversation,
                                               WallTime now) {
    return session_.write(Operation::other, [&] {
        session_.db().run(
            "INSERT INTO conversation (principal, name, private, last_sequence, first_at, last_at) "
            "VALUES (?1, ?2, 1, 0, ?3, ?3) ON CONFLICT (principal, name) DO UPDATE SET private = 1",
            principal, conversation, now);
    });
}

Result<std::size_t> SqliteConversations::retire(WallTime before) {
    return session_.write(Operation::other, [&] {
        // What its surface has not shown yet stays, however old: nothing leaves in silence.
        const auto old = numbers_of(
            session_.db().query("SELECT number FROM job WHERE ended_at < ? AND NOT EXISTS (SELECT 1 FROM outbox o "
                                "WHERE o.number = job.number AND o.shown_at IS NULL) ORDER BY ended_at LIMIT ?",
                                before, retire_max));
        for (const std::int64_t number : old) remove_message(number);
        // A private one stays even when it is empty: privacy is never undone.
        session_.db().run(
            "DELETE FROM conversation WHERE private = 0 AND last_at < ? AND NOT EXISTS "
            "(SELECT 1 FROM message m WHERE m.conversation = conversation.number)",
            before);
        return old.size();
    });
}

}  // namespace evenkeel::sqlite

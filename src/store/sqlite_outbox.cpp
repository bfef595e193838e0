#include "store/sqlite_outbox.hpp"

#include "core/text.hpp"
#include "store/views.hpp"

namespace evenkeel::sqlite {
namespace {

Delivery delivery_of(JobView view, std::string_view kind, std::string notice) {
    Delivery delivery{.id = view.id,
                      .frontend = std::move(view.message.frontend),
                      .principal = std::move(view.message.principal),
                      .conversation = std::move(view.message.conversation),
                      .question = std::move(view.message.text),
                      .asked_at = view.accepted_at,
                      .ended_at = view.ended_at.value_or(view.accepted_at),
                      .text = std::move(notice),
                      .answer = std::move(view.answer)};
    for (const auto known : {Delivery::Kind::expired, Delivery::Kind::refused, Delivery::Kind::dead})
        if (to_string(known) == kind) delivery.kind = known;
    if (delivery.kind != Delivery::Kind::answer) return delivery;
    if (delivery.answer) {
        delivery.text = delivery.answer->text;
        return delivery;
    }
    // Its text did not pass the checksum: the asker is told, never shown something that may be wrong.
    delivery.kind = Delivery::Kind::dead;
    delivery.text = "The answer to this question was damaged on disk. Please ask it again.";
    return delivery;
}

}  // namespace

Result<std::vector<Delivery>> SqliteOutbox::pending(std::string_view frontend, std::string_view principal,
                                                    std::string_view conversation, std::size_t most) {
    return session_.read([&] {
        auto row = session_.db().query(
            "SELECT o.number, o.kind, o.notice FROM outbox o JOIN message m USING (number) "
            "JOIN conversation c ON c.number = m.conversation WHERE o.frontend = ?1 AND o.shown_at IS NULL "
            "AND (?2 = '' OR m.principal = ?2) AND (?3 = '' OR c.name = ?3) ORDER BY o.number LIMIT ?4",
            frontend, principal, conversation, most);
        std::vector<Delivery> deliveries;
        while (row.step())
            deliveries.push_back(delivery_of(load_view(session_, row.integer(0)), row.text(1), row.text(2)));
        return deliveries;
    });
}

Result<void> SqliteOutbox::shown(const Id& id, WallTime now) {
    return session_.write(Operation::shown, [&] {
        const auto job = find_job(session_, id);
        if (!job) refuse_request("no message has the id " + to_string(id), "not_found");
        session_.db().run("UPDATE outbox SET shown_at = ? WHERE number = ? AND shown_at IS NULL", now, job->number);
        session_.db().run("UPDATE job SET state = 'delivered' WHERE number = ? AND state = 'answered'", job->number);
    });
}

Result<std::vector<Spend>> SqliteOutbox::spending(WallTime from) {
    return session_.read([&] {
        auto row = session_.db().query(
            "SELECT day, provider, model, tries, answers, input_tokens, output_tokens, estimated, cost_usd, "
            "cost_unknown FROM ledger WHERE day >= ? ORDER BY day, provider, model",
            format_wall(from).substr(0, 10));
        std::vector<Spend> lines;
        while (row.step())
            lines.push_back({.day = row.text(0),
                             .provider = row.text(1),
                             .model = row.text(2),
                             .tries = row.integer(3),
                             .answers = row.integer(4),
                             .input_tokens = row.integer(5),
                             .output_tokens = row.integer(6),
                             .estimated = row.truth(7),
                             .cost_usd = row.real(8),
                             .cost_unknown = row.integer(9)});
        return lines;
    });
}

Result<void> SqliteOutbox::record_tries(std::span<const Attempt> tries, WallTime now) {
    if (tries.empty()) return {};
    return session_.write(Operation::other, [&] { sqlite::record_tries(session_, std::nullopt, tries, now); });
}

Result<void> SqliteOutbox::remember(std::string_view key, std::string_view text) {
    return session_.write(Operation::other, [&] {
        if (text.empty())
            session_.db().run("DELETE FROM fact WHERE name = ?", key);
        else
            session_.db().run("INSERT OR REPLACE INTO fact VALUES (?, ?)", key, text);
    });
}

Result<std::string> SqliteOutbox::recall(std::string_view key) {
    return session_.read([&] {
        auto row = session_.db().query("SELECT text FROM fact WHERE name = ?", key);
        return row.step() ? row.text(0) : std::string();
    });
}

}  // namespace evenkeel::sqlite

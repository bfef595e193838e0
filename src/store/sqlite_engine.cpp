#include "store/sqlite_engine.hpp"

#include <filesystem>

#include "store/checksum.hpp"
#include "store/files.hpp"
#include "store/jobs.hpp"
#include "store/schema.hpp"
#include "store/sqlite_conversations.hpp"
#include "store/sqlite_desk.hpp"
#include "store/sqlite_keys.hpp"
#include "store/sqlite_outbox.hpp"
#include "store/sqlite_queue.hpp"
#include "store/sqlite_usage.hpp"

namespace evenkeel {
namespace sqlite {
namespace {

constexpr std::size_t damages_told_max = 100;

/// Bytes of a file; 0 where there is none.
std::int64_t bytes_of(const std::string& file) {
    std::error_code error;
    const auto size = std::filesystem::file_size(file, error);
    return error ? 0 : static_cast<std::int64_t>(size);
}

void tell_damage(char kind, const Id& id, std::vector<std::string>& damages) {
    const bool asked = kind == question_kind || kind == call_kind || kind == record_kind;
    damages.push_back((asked ? "question " : "answer ") + to_string(id) + ": its checksum does not hold");
}

void check_bodies(Database& db, std::string_view sql, char kind, std::vector<std::string>& damages) {
    auto row = db.query(sql);
    while (row.step() && damages.size() < damages_told_max)
        if (checksum(kind, row.integer(0), row.text(2)) != row.integer(1)) tell_damage(kind, row.id(3), damages);
}

void check_details(Database& db, std::vector<std::string>& damages) {
    auto row = db.query(
        "SELECT d.number, d.checksum, d.tool_calls, d.reasoning, d.pieces, m.id FROM answer_detail d "
        "JOIN message m USING (number)");
    while (row.step() && damages.size() < damages_told_max)
        if (checksum(detail_kind, row.integer(0), detail_text(row.text(2), row.text(3), row.text(4))) != row.integer(1))
            tell_damage(detail_kind, row.id(5), damages);
}

class SqliteEngine final : public StoreEngine {
public:
    SqliteEngine(const SessionOptions& options, WallTime now)
        : session_(options),
          queue_(session_),
          desk_(session_),
          conversations_(session_),
          outbox_(session_),
          keys_(session_),
          usage_(session_) {
        auto voided = session_.write(Operation::other, [&] { void_old_leases(session_, now); });
        if (!voided) throw Failure{voided.error()};
        session_.count();
    }
    QueueEngine& queue() noexcept override { return queue_; }
    QueueDesk& desk() noexcept override { return desk_; }
    ConversationEngine& conversations() noexcept override { return conversations_; }
    OutboxEngine& outbox() noexcept override { return outbox_; }
    KeyEngine& keys() noexcept override { return keys_; }
    UsageEngine& usage() noexcept override { return usage_; }
    Result<void> begin_group() override { return session_.begin_group(); }
    Result<void> commit_group() override { return session_.commit_group(); }
    Result<void> checkpoint() override { return session_.checkpoint(); }

    Result<StoreFigures> figures() override {
        return session_.read([&] {
            Database& db = session_.db();
            StoreFigures figures{
                .queued = db.integer("SELECT count(*) FROM job WHERE state = 'queued'"),
                .working = db.integer("SELECT count(*) FROM job WHERE state = 'working'"),
                .undelivered = db.integer("SELECT count(*) FROM outbox WHERE shown_at IS NULL"),
                .dead = db.integer("SELECT count(*) FROM job WHERE ended_at IS NOT NULL AND state = 'dead'"),
                .file_bytes = bytes_of(session_.options().file),
                .log_bytes = bytes_of(session_.options().file + "-wal"),
                .generation = session_.generation(),
                .schema = schema_version(db),
                .engine = "SQLite " + Database::version()};
            auto oldest = db.query(
                "SELECT accepted_at FROM message WHERE number = (SELECT min(number) FROM "
                "(SELECT min(number) AS number FROM job WHERE state = 'queued' UNION ALL "
                "SELECT min(number) FROM job WHERE state = 'working'))");
            if (oldest.step()) figures.oldest_open = oldest.wall(0);
            return figures;
        });
    }

    Result<void> backup(const std::string& file) override {
        return session_.read([&] { copy_database(session_.db(), file); });
    }

    Result<std::vector<std::string>> check() override {
        return session_.read([&] {
            Database& db = session_.db();
            std::vector<std::string> damages;
            try {
                auto structure = db.query("PRAGMA integrity_check(100)");
                while (structure.step())
                    if (std::string line = structure.text(0); line != "ok") damages.push_back(std::move(line));
                check_bodies(db, "SELECT number, checksum, body, id FROM message", question_kind, damages);
                check_bodies(db,
                             "SELECT a.number, a.checksum, a.body, m.id FROM answer a JOIN message m USING (number)",
                             answer_kind, damages);
                check_bodies(db, "SELECT c.number, c.checksum, c.body, m.id FROM call c JOIN message m USING (number)",
                             call_kind, damages);
                check_bodies(
                    db, "SELECT c.number, c.record_checksum, c.record, m.id FROM call c JOIN message m USING (number)",
                    record_kind, damages);
                check_details(db, damages);
            } catch (const Failure& failure) {
                if (failure.error.code != "damaged") throw;
                damages.push_back(failure.error.detail);
            }
            return damages;
        });
    }

private:
    Session session_;
    SqliteQueue queue_;
    SqliteDesk desk_;
    SqliteConversations conversations_;
    SqliteOutbox outbox_;
    SqliteKeys keys_;
    SqliteUsage usage_;
};

}  // namespace
}  // namespace sqlite

Result<std::unique_ptr<StoreEngine>> open_sqlite(const SqliteOptions& options, WallTime now) {
    try {
        return std::make_unique<sqlite::SqliteEngine>(sqlite::SessionOptions{.file = options.file,
                                                                             .max_pending = options.max_pending,
                                                                             .crashes_max = options.crashes_max,
                                                                             .log_bytes_max = options.log_bytes_max,
                                                                             .disk = options.disk},
                                                      now);
    } catch (const sqlite::Failure& failure) {
        if (failure.error.code != "damaged") return fail(failure.error);
        return own_fault(ErrorClass::storage,
                         options.file + " is damaged (" + failure.error.detail +
                             "). It was left as it is: put a copy that 'evenkeel backup' made in its place, or "
                             "move it away to begin anew.",
                         "damaged");
    }
}

std::string sqlite_version() { return sqlite::Database::version(); }

}  // namespace evenkeel

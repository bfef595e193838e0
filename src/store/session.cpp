#include "store/session.hpp"

#include <array>
#include <filesystem>

#include "core/failpoint.hpp"
#include "store/files.hpp"
#include "store/schema.hpp"

namespace evenkeel::sqlite {
namespace {

constexpr std::array<std::string_view, 7> before_commit{"store.accept.before_commit",  "store.claim.before_commit",
                                                        "store.extend.before_commit",  "store.complete.before_commit",
                                                        "store.release.before_commit", "store.bury.before_commit",
                                                        "store.shown.before_commit"};
constexpr std::array<std::string_view, 7> after_commit{"store.accept.after_commit",  "store.claim.after_commit",
                                                       "store.extend.after_commit",  "store.complete.after_commit",
                                                       "store.release.after_commit", "store.bury.after_commit",
                                                       "store.shown.after_commit"};

void hit(const std::array<std::string_view, 7>& names, std::uint32_t members) noexcept {
    for (std::size_t i = 0; i < names.size(); ++i)
        if ((members >> i & 1u) != 0) failpoint(names[i]);
}

/// Builds the file under another name and publishes it whole, so that an empty database is always a lost one.
void create_database(const SessionOptions& options) {
    const std::string fresh = options.file + ".new";
    for (const char* left_over : {"", "-journal"}) {
        std::error_code ignored;
        std::filesystem::remove(fresh + left_over, ignored);
    }
    create_private(fresh);
    {
        Database database(fresh, {.disk = options.disk});
        migrate(database, fresh, migrations());
    }
    publish(fresh, options.file, options.disk);
}

const std::string& prepared(const SessionOptions& options) {
    if (options.file != ":memory:" && !inspect(options.file)) create_database(options);
    return options.file;
}

void expect_pragma(Database& database, const std::string& pragma, const std::string& wanted) {
    const std::string got = database.answer_to("PRAGMA " + pragma);
    if (got == wanted) return;
    throw Failure{own_fault(ErrorClass::storage,
                            "SQLite did not take " + pragma + " (it says '" + got + "'); without it nothing is durable",
                            "pragma")
                      .error()};
}

}  // namespace

void refuse_write(Error error) { throw Failure{std::move(error)}; }

Session::Session(const SessionOptions& options)
    : options_(options), database_(prepared(options), {.disk = options.disk}) {
    try {
        set_up();
        migrate(database_, options_.file, migrations());
        start_generation();
    } catch (const Failure&) {
        // Leave the log as evidence: closing tidily would write it into a file that we do not understand.
        database_.abandon();
        throw;
    }
}

Session::~Session() {
    if (stopped_ || database_.in_transaction()) database_.abandon();
}

void Session::set_up() {
    const bool on_disk = options_.file != ":memory:";
    // One process, one connection (decision D6): the log's index stays in our memory, no other process can join.
    database_.script("PRAGMA locking_mode = EXCLUSIVE");
    if (on_disk) expect_pragma(database_, "journal_mode = WAL", "wal");
    database_.script("PRAGMA synchronous = FULL");
    expect_pragma(database_, "synchronous", "2");
    database_.script(
        "PRAGMA mmap_size = 0; PRAGMA secure_delete = ON; PRAGMA foreign_keys = ON;"
        "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY;"
        "PRAGMA cache_size = -4096;"
        "PRAGMA journal_size_limit = " +
        std::to_string(4 * options_.log_bytes_max));
    expect_pragma(database_, "secure_delete", "1");
    expect_pragma(database_, "foreign_keys", "1");
    // Database listens to commits in the place where SQLite would checkpoint by itself, so that is off.
    expect_pragma(database_, "wal_autocheckpoint", "0");
}

void Session::start_generation() {
    database_.script("BEGIN IMMEDIATE");
    database_.run("UPDATE process SET generation = generation + 1");
    generation_ = static_cast<std::uint64_t>(database_.integer("SELECT generation FROM process"));
    database_.script("COMMIT");
}

void Session::count() try {
    tally_.open = database_.integer("SELECT count(*) FROM job WHERE state = 'queued'") +
                  database_.integer("SELECT count(*) FROM job WHERE state = 'working'");
    // Where nobody waits, newcomers may not be set back behind those who were served before the restart.
    tally_.turn = database_.integer(
        "SELECT coalesce((SELECT min(turn) FROM job WHERE head = 1 AND state = 'queued'), "
        "                (SELECT max(last_turn) FROM asker), 0)");
} catch (const Failure& failure) {
    stop_for_good(failure.error);  // As after any failed opening, the log stays as evidence.
    throw;
}

Result<void> Session::usable() const {
    if (!stopped_) return {};
    return own_fault(ErrorClass::storage,
                     "the store stopped after a failed write (" + stopped_->detail +
                         "); restart Evenkeel: nothing that was acknowledged is lost",
                     "store_failed");
}

void Session::stop_for_good(const Error& why) {
    if (!stopped_) stopped_ = why;
    database_.abandon();
}

Result<void> Session::begin_group() {
    if (auto ready = usable(); !ready) return ready;
    try {
        database_.run("BEGIN IMMEDIATE");
    } catch (const Failure& failure) {
        return fail(failure.error);
    }
    grouped_ = true;
    members_ = 0;
    group_lost_.reset();
    tally_at_begin_ = tally_;
    return {};
}

Result<void> Session::commit_group() {
    if (!std::exchange(grouped_, false)) return usable();
    if (auto ready = usable(); !ready) return ready;
    if (group_lost_) return fail(*group_lost_);
    return commit();
}

Result<void> Session::commit() {
    try {
        hit(before_commit, members_);
        database_.run("COMMIT");
        hit(after_commit, members_);
        return {};
    } catch (const Failure& failure) {
        tally_ = tally_at_begin_;
        // No room for the log is found before anything is synced: undone cleanly, the store goes on. After any other
        // error nobody knows what the disk holds, and asking it again would get a false yes (reliability.md 1.3).
        if (failure.error.code == "disk_full") {
            undo(failure.error);
            if (!stopped_) return fail(failure.error);
        }
        stop_for_good(failure.error);
        return usable();
    }
}

/// Rolls the open transaction back as a whole.
void Session::undo(const Error& why) {
    try {
        if (database_.in_transaction()) database_.run("ROLLBACK");
    } catch (const Failure&) {
        stop_for_good(why);
    }
}

Result<void> Session::transact(Operation operation, const std::function<void()>& work) {
    if (auto ready = usable(); !ready) return ready;
    if (group_lost_ && grouped_) return fail(*group_lost_);
    const bool alone = !grouped_;
    if (alone) tally_at_begin_ = tally_;
    const Tally before = tally_;
    try {
        database_.run(alone ? std::string_view("BEGIN IMMEDIATE") : std::string_view("SAVEPOINT call"));
        work();
        if (!alone) database_.run("RELEASE call");
    } catch (const Failure& failure) {
        tally_ = before;
        if (alone) {
            undo(failure.error);
        } else if (!database_.in_transaction()) {
            // SQLite answers some errors (disk full among them) by undoing everything.
            tally_ = tally_at_begin_;
            group_lost_ = failure.error;
        } else {
            try {
                database_.run("ROLLBACK TO call");
                database_.run("RELEASE call");
            } catch (const Failure&) {
                stop_for_good(failure.error);
            }
        }
        if (failure.error.code == "io_error" || failure.error.code == "damaged") stop_for_good(failure.error);
        return fail(failure.error);
    }
    const std::uint32_t bit = 1u << static_cast<unsigned>(operation);
    members_ = alone ? bit : members_ | bit;
    return alone ? commit() : Result<void>{};
}

Result<void> Session::look(const std::function<void()>& work) {
    if (auto ready = usable(); !ready) return ready;
    try {
        work();
        return {};
    } catch (const Failure& failure) {
        return fail(failure.error);
    }
}

Result<void> Session::checkpoint() {
    if (auto ready = usable(); !ready) return ready;
    constexpr std::int64_t page_bytes = 4096;
    const bool due = wipe_due_ || database_.log_pages() * page_bytes >= options_.log_bytes_max;
    if (!due || grouped_ || options_.file == ":memory:") return {};
    try {
        failpoint("store.checkpoint.before");
        database_.checkpoint(wipe_due_);
        failpoint("store.checkpoint.after");
        wipe_due_ = false;
        return {};
    } catch (const Failure& failure) {
        // Without room the log simply stays; any other error leaves the file in doubt.
        if (failure.error.code != "disk_full") stop_for_good(failure.error);
        return fail(failure.error);
    }
}

}  // namespace evenkeel::sqlite

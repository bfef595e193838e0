#pragma once
#include <functional>
#include <type_traits>

#include "store/database.hpp"

namespace evenkeel::sqlite {

/// The writes that have failpoints of their own; everything else is `other`.
enum class Operation : std::uint8_t { accept, claim, extend, complete, release, bury, shown, other };

struct SessionOptions {
    std::string file;  ///< ":memory:" for tests.
    std::int64_t max_pending = 100'000;
    std::int64_t crashes_max = 3;
    std::int64_t log_bytes_max =
        4 << 20;  ///< The log is moved into the file when it is longer (SQLite's own 1,000 pages).
    Disk* disk = nullptr;
};

/// Figures kept beside the database because counting 100,000 rows per accept would cost more than the accept. They
/// follow the transaction: rolled back with it.
struct Tally {
    std::int64_t open = 0;  ///< Queued and working messages.
    std::int64_t turn = 0;  ///< Of the last claim: newcomers start here, not in the past.
};

/// The transaction border: every write of the engine runs through `write`, alone or as a member of a group, and every
/// read through `read`. Here Failures become Errors, groups commit, and a store that failed to commit stops for good.
class Session {
public:
    explicit Session(const SessionOptions& options);  ///< Opens, verifies, migrates. Throws Failure.
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    Database& db() noexcept { return database_; }
    Tally& tally() noexcept { return tally_; }
    std::uint64_t generation() const noexcept { return generation_; }
    const SessionOptions& options() const noexcept { return options_; }

    /// Runs `body` in a transaction (inside a group: a savepoint); a Failure thrown by it undoes what it did.
    template <class Body>
    auto write(Operation operation, Body body) -> Result<std::invoke_result_t<Body&>> {
        return carry(body, [&](const std::function<void()>& work) { return transact(operation, work); });
    }
    template <class Body>
    auto read(Body body) -> Result<std::invoke_result_t<Body&>> {
        return carry(body, [&](const std::function<void()>& work) { return look(work); });
    }

    Result<void> begin_group();
    Result<void> commit_group();
    Result<void> checkpoint();
    /// Sets the tally from the rows. Once, when opening is done.
    void count();
    /// The next checkpoint comes whatever the log's length: what was erased must leave the log too.
    void wipe_log_soon() noexcept { wipe_due_ = true; }

private:
    template <class Body, class Run>
    auto carry(Body& body, Run run) -> Result<std::invoke_result_t<Body&>> {
        using Value = std::invoke_result_t<Body&>;
        if constexpr (std::is_void_v<Value>) {
            return run([&] { body(); });
        } else {
            std::optional<Value> value;
            if (auto done = run([&] { value.emplace(body()); }); !done) return fail(done.error());
            return std::move(*value);
        }
    }
    Result<void> transact(Operation operation, const std::function<void()>& work);
    Result<void> look(const std::function<void()>& work);
    Result<void> usable() const;
    Result<void> commit();
    void undo(const Error& why);
    void stop_for_good(const Error& why);
    void set_up();
    void start_generation();

    SessionOptions options_;
    Database database_;
    Tally tally_, tally_at_begin_;
    std::uint64_t generation_ = 0;
    std::uint32_t members_ = 0;  ///< Kinds of operation in the open transaction, a bit each.
    bool grouped_ = false, wipe_due_ = false;
    std::optional<Error> group_lost_;  ///< SQLite undid the whole group; its commit must fail.
    std::optional<Error> stopped_;
};

/// Ends the present transaction with that error.
[[noreturn]] void refuse_write(Error error);

}  // namespace evenkeel::sqlite

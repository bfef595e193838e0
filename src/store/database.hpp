#pragma once
#include <concepts>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/ids.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "store/disk_vfs.hpp"

struct sqlite3;
struct sqlite3_stmt;

/// One SQLite connection in our own words; the C interface is included by database.cpp and disk_vfs.cpp alone.
namespace evenkeel::sqlite {

/// Thrown inside the store only: `Session` catches it at the border, rolls back and hands out the Error. That keeps
/// every row operation a plain sequence of statements. `error.code`: "disk_full", "io_error", "damaged", "locked",
/// "constraint", "sqlite".
struct Failure {
    Error error;
};

class Database;

/// A prepared statement with its values bound, borrowed from the connection's cache until it goes. Columns count from
/// 0 and are valid after a `step` that gave true. One thread.
class [[nodiscard]] Statement {
public:
    Statement(Statement&& other) noexcept;
    Statement& operator=(Statement&&) = delete;
    ~Statement();

    /// Moves to the next row; false when there is none.
    bool step();
    std::int64_t integer(int column) const noexcept;
    double real(int column) const noexcept;
    std::string text(int column) const;  ///< TEXT and BLOB alike.
    bool is_null(int column) const noexcept;
    bool truth(int column) const noexcept { return integer(column) != 0; }
    WallTime wall(int column) const noexcept { return WallTime{Millis{integer(column)}}; }
    std::optional<WallTime> maybe_wall(int column) const noexcept;
    Id id(int column) const noexcept;

private:
    friend class Database;
    Statement(Database& database, std::string_view sql);
    void bind(int place, std::nullopt_t) noexcept;
    void bind(int place, std::int64_t value) noexcept;
    void bind(int place, double value) noexcept;
    void bind(int place, std::string_view value) noexcept;
    void bind_bytes(int place, std::string_view value) noexcept;
    void bind(int place, std::integral auto value) noexcept { bind(place, static_cast<std::int64_t>(value)); }
    void bind(int place, const std::string& value) noexcept { bind(place, std::string_view(value)); }
    void bind(int place, const char* value) noexcept { bind(place, std::string_view(value)); }
    void bind(int place, WallTime value) noexcept { bind(place, std::int64_t{value.time_since_epoch().count()}); }
    void bind(int place, Millis value) noexcept { bind(place, std::int64_t{value.count()}); }
    void bind(int place, const Id& value) noexcept;
    void bind(int place, struct Bytes value) noexcept;
    template <class T>
    void bind(int place, const std::optional<T>& value) noexcept {
        if (value)
            bind(place, *value);
        else
            bind(place, std::nullopt);
    }
    Database* database_;
    std::string_view sql_;
    sqlite3_stmt* statement_;
};

/// Binds as a BLOB; plain strings bind as TEXT.
struct Bytes {
    std::string_view value;
};

struct OpenMode {
    bool read_only = false;
    bool create = false;
    Disk* disk = nullptr;  ///< Asked before each step; outlives the connection. Null: nobody is.
};

/// Owns the connection and its prepared statements. Everything throws Failure. One thread at a time.
class Database {
public:
    Database(const std::string& file, const OpenMode& mode);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    /// `query("SELECT … WHERE id = ?", id)`: prepared once, kept. All values are bound, never pasted. `sql` must be a
    /// literal: the cache keeps a view of it.
    template <class... Values>
    Statement query(std::string_view sql, const Values&... values) {
        Statement statement(*this, sql);
        int place = 0;
        (statement.bind(++place, values), ...);
        return statement;
    }
    /// As `query`, run to its end; rows are ignored. Gives how many rows it changed.
    template <class... Values>
    std::int64_t run(std::string_view sql, const Values&... values) {
        Statement statement = query(sql, values...);
        while (statement.step()) {
        }
        return changed_rows();
    }
    /// First column of the first row; 0 where there is none.
    template <class... Values>
    std::int64_t integer(std::string_view sql, const Values&... values) {
        Statement statement = query(sql, values...);
        return statement.step() ? statement.integer(0) : 0;
    }
    /// Several statements without values, not kept: schema and pragmas.
    void script(const std::string& sql);
    /// What one pragma or query answers, as text; empty where there is no row.
    std::string answer_to(const std::string& sql);

    std::int64_t last_number() const noexcept;  ///< Rowid of the last insert.
    bool in_transaction() const noexcept;
    /// Pages in the write-ahead log since it was last emptied, as of the last commit.
    std::int64_t log_pages() const noexcept { return log_pages_; }
    /// Moves the whole log into the file. The log is then written over from its start, which spares each commit a
    /// change of the file's length; `truncate` empties it instead, so that nothing of it is left to read.
    void checkpoint(bool truncate);
    /// After a failed sync nothing may touch the file again, not even the tidy close.
    void abandon() noexcept;
    static std::string version();

private:
    friend class Statement;
    [[noreturn]] void raise(int code) const;
    sqlite3_stmt* take(std::string_view sql);
    void give_back(std::string_view sql, sqlite3_stmt* statement) noexcept;
    std::int64_t changed_rows() const noexcept;
    void drop_statements() noexcept;

    DiskVfs vfs_;
    sqlite3* connection_ = nullptr;
    std::map<std::string_view, sqlite3_stmt*> idle_;
    std::int64_t log_pages_ = 0;
};

}  // namespace evenkeel::sqlite

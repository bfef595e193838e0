#include "store/database.hpp"

#include <sqlite3.h>

#include <cstring>

namespace evenkeel::sqlite {
namespace {

std::string_view code_word(int code) noexcept {
    switch (code & 0xff) {
        case SQLITE_FULL: return "disk_full";
        case SQLITE_IOERR:
        case SQLITE_CANTOPEN:
        case SQLITE_READONLY: return "io_error";
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB: return "damaged";
        case SQLITE_BUSY:
        case SQLITE_LOCKED: return "locked";
        case SQLITE_CONSTRAINT: return "constraint";
        default: return "sqlite";
    }
}

}  // namespace

Statement::Statement(Database& database, std::string_view sql)
    : database_(&database), sql_(sql), statement_(database.take(sql)) {}

Statement::Statement(Statement&& other) noexcept
    : database_(other.database_), sql_(other.sql_), statement_(std::exchange(other.statement_, nullptr)) {}

Statement::~Statement() {
    if (statement_ != nullptr) database_->give_back(sql_, statement_);
}

bool Statement::step() {
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code != SQLITE_DONE) database_->raise(code);
    return false;
}

std::int64_t Statement::integer(int column) const noexcept { return sqlite3_column_int64(statement_, column); }
double Statement::real(int column) const noexcept { return sqlite3_column_double(statement_, column); }
bool Statement::is_null(int column) const noexcept { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

std::string Statement::text(int column) const {
    const void* const bytes = sqlite3_column_blob(statement_, column);
    const int size = sqlite3_column_bytes(statement_, column);
    return bytes == nullptr ? std::string() : std::string(static_cast<const char*>(bytes), static_cast<size_t>(size));
}

std::optional<WallTime> Statement::maybe_wall(int column) const noexcept {
    if (is_null(column)) return std::nullopt;
    return wall(column);
}

Id Statement::id(int column) const noexcept {
    Id id;
    const void* const bytes = sqlite3_column_blob(statement_, column);
    if (sqlite3_column_bytes(statement_, column) == static_cast<int>(id.bytes.size()))
        std::memcpy(id.bytes.data(), bytes, id.bytes.size());
    return id;
}

// A bind fails only for a place that the statement does not have or for want of memory; a value that is too large is
// refused before. The statement then steps with NULL there, which the constraints refuse.
void Statement::bind(int place, std::nullopt_t) noexcept { sqlite3_bind_null(statement_, place); }
void Statement::bind(int place, std::int64_t value) noexcept { sqlite3_bind_int64(statement_, place, value); }
void Statement::bind(int place, double value) noexcept { sqlite3_bind_double(statement_, place, value); }
void Statement::bind(int place, std::string_view value) noexcept {
    // An empty view may point nowhere, and SQLite takes a null pointer for NULL.
    sqlite3_bind_text64(statement_, place, value.empty() ? "" : value.data(), value.size(), SQLITE_TRANSIENT,
                        SQLITE_UTF8);
}
void Statement::bind_bytes(int place, std::string_view value) noexcept {
    sqlite3_bind_blob64(statement_, place, value.empty() ? "" : value.data(), value.size(), SQLITE_TRANSIENT);
}
void Statement::bind(int place, const Id& value) noexcept {
    bind_bytes(place, {reinterpret_cast<const char*>(value.bytes.data()), value.bytes.size()});
}
void Statement::bind(int place, Bytes value) noexcept { bind_bytes(place, value.value); }

Database::Database(const std::string& file, const OpenMode& mode) : vfs_(mode.disk) {
    const int access = mode.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    const int flags = access | (mode.create ? SQLITE_OPEN_CREATE : 0) | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    const int code = sqlite3_open_v2(file.c_str(), &connection_, flags, vfs_.name());
    if (code != SQLITE_OK) {
        // The destructor does not run for a constructor that throws.
        const std::string said = connection_ != nullptr ? sqlite3_errmsg(connection_) : sqlite3_errstr(code);
        sqlite3_close(connection_);
        throw Failure{own_fault(ErrorClass::storage, said, std::string(code_word(code))).error()};
    }
    sqlite3_wal_hook(
        connection_,
        [](void* self, sqlite3*, const char*, int pages) {
            static_cast<Database*>(self)->log_pages_ = pages;
            return SQLITE_OK;
        },
        this);
}

Database::~Database() {
    drop_statements();
    sqlite3_close(connection_);
}

void Database::drop_statements() noexcept {
    for (auto& [sql, statement] : idle_) sqlite3_finalize(statement);
    idle_.clear();
}

void Database::raise(int code) const {
    std::string said = sqlite3_errmsg(connection_);
    throw Failure{own_fault(ErrorClass::storage, std::move(said), std::string(code_word(code))).error()};
}

sqlite3_stmt* Database::take(std::string_view sql) {
    // Taken out of the cache while it is in use, so that the same text can run twice at once.
    if (auto found = idle_.find(sql); found != idle_.end()) {
        sqlite3_stmt* const statement = found->second;
        idle_.erase(found);
        return statement;
    }
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v3(connection_, sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK) raise(code);
    return statement;
}

void Database::give_back(std::string_view sql, sqlite3_stmt* statement) noexcept {
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    if (!idle_.emplace(sql, statement).second) sqlite3_finalize(statement);
}

void Database::script(const std::string& sql) {
    const int code = sqlite3_exec(connection_, sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) raise(code);
}

std::string Database::answer_to(const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    int code = sqlite3_prepare_v2(connection_, sql.c_str(), -1, &statement, nullptr);
    const std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)> owner(statement, sqlite3_finalize);
    if (code == SQLITE_OK) code = sqlite3_step(statement);
    if (code == SQLITE_DONE) return {};
    if (code != SQLITE_ROW) raise(code);
    const unsigned char* const text = sqlite3_column_text(statement, 0);
    return text == nullptr ? std::string() : std::string(reinterpret_cast<const char*>(text));
}

std::int64_t Database::changed_rows() const noexcept { return sqlite3_changes64(connection_); }
std::int64_t Database::last_number() const noexcept { return sqlite3_last_insert_rowid(connection_); }
bool Database::in_transaction() const noexcept { return sqlite3_get_autocommit(connection_) == 0; }

void Database::checkpoint(bool truncate) {
    const int mode = truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE;
    const int code = sqlite3_wal_checkpoint_v2(connection_, nullptr, mode, nullptr, nullptr);
    if (code != SQLITE_OK) raise(code);
    log_pages_ = 0;
}

void Database::abandon() noexcept { sqlite3_db_config(connection_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr); }

std::string Database::version() { return sqlite3_libversion(); }

}  // namespace evenkeel::sqlite

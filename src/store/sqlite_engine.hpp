#pragma once
#include <memory>
#include <string>

#include "store/disk.hpp"
#include "store/engine.hpp"

namespace evenkeel {

struct SqliteOptions {
    std::string file;  ///< Its directory must exist. ":memory:" keeps nothing: for simulations and tests.
    std::int64_t max_pending = 100'000;  ///< Open messages; then accept answers "queue_full".
    std::int64_t crashes_max = 3;  ///< A message that was being worked when so many processes ended is dead (I12).
    std::int64_t log_bytes_max = 4'096'000;  ///< `checkpoint` acts from there: SQLite's own default of 1,000 pages.
    Disk* disk = nullptr;                    ///< For fault tests; outlives the engine.
};

/// Opens or creates the database (mode 0600), brings its schema up to date, takes a new generation and voids the leases
/// of older ones: such a message counts one crash, and with the last it may cause it is dead with a notice (I12).
/// Nothing is ever recreated over damage. Errors, all storage: "damaged", "newer_schema", "foreign_file",
/// "linked_file", "locked" (another process has it), "disk_full", "io_error". The engine uses one connection in
/// exclusive mode: WAL, synchronous=FULL, no memory mapping (decision D6). Use it from one thread at a time. After an
/// error "store_failed" every call gives it again; end the process and start anew.
Result<std::unique_ptr<StoreEngine>> open_sqlite(const SqliteOptions& options, WallTime now);

/// Of the library that is linked: "3.40.1".
std::string sqlite_version();

}  // namespace evenkeel

#pragma once
#include <span>
#include <string>

#include "store/database.hpp"

namespace evenkeel::sqlite {

/// Steps from one layout to the next; `migrations[n]` leads from version n to n + 1. Never edited once released.
std::span<const std::string_view> migrations() noexcept;

/// "EVKL": tells our files from other SQLite databases (PRAGMA application_id).
inline constexpr std::int64_t application_id = 0x45564b4c;

int schema_version(Database& database);

/// Brings the database to the newest of `steps`, a transaction per step; `file` is copied to "FILE.v<version>" before
/// the first step of a database that holds something already (not for ":memory:"). Throws Failure: "newer_schema",
/// "foreign_file" (another program's), storage.
void migrate(Database& database, const std::string& file, std::span<const std::string_view> steps);

}  // namespace evenkeel::sqlite

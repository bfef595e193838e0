#pragma once
#include <string>

#include "store/database.hpp"

namespace evenkeel::sqlite {

/// Where the database lies and what may lie there. All throw Failure (storage); none follows a link.

/// Refuses what SQLite cannot keep safe or what would hide a loss: symbolic and hard links (two names, two logs), an
/// empty file, a log without its file. Gives whether the database exists.
bool inspect(const std::string& file);

/// Makes an empty file that only its owner may read; refuses an existing one.
void create_private(const std::string& file);

/// Gives a finished file its name, durably. The name must be free. `disk` is asked and told where there is one.
void publish(const std::string& from, const std::string& to, Disk* disk = nullptr);

/// A consistent copy of a live database, durable and readable by its owner alone; refuses an existing target, and
/// leaves none behind when it fails.
void copy_database(Database& database, const std::string& target);

}  // namespace evenkeel::sqlite

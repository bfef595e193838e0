#pragma once
#include <string>

#include "core/time.hpp"

namespace evenkeel {

/// Exports what can still be read of a damaged database to evenkeel-salvaged-<date>.jsonl beside it, unless an export
/// that is newer than the database lies there already. Gives a sentence for people that names the export and what is in
/// it, or says why there is none. The database is left as it is. Only while no process has it open.
std::string keep_readable_rest(const std::string& database, WallTime now);

}  // namespace evenkeel

#pragma once
#include <cstdint>
#include <string>

#include "core/result.hpp"

namespace evenkeel {

struct SalvageReport {
    std::int64_t messages = 0;  ///< Written whole: question, state and, where there is one, the answer.
    std::int64_t damaged = 0;   ///< Parts are unreadable; what could be read is written and marked.
    std::string file;
};

/// Exports what is still readable of a damaged database and its log, row by row, to a new file (mode 0600) of one JSON
/// object a line: {id, principal, conversation, sequence, accepted_at, state, question, answer, damaged}; what could
/// not be read is null. The damaged files are only read: the work is done on a copy beside the target, removed at the
/// end. Errors, all storage: "exists" (the target), "io_error", "disk_full", "unreadable" (not even the table of
/// contents).
Result<SalvageReport> salvage_sqlite(const std::string& damaged, const std::string& target);

}  // namespace evenkeel

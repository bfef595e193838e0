#include "daemon/readable_rest.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>

#include "core/text.hpp"
#include "daemon/render.hpp"
#include "store/salvage.hpp"

namespace evenkeel {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view export_stem = "evenkeel-salvaged-";
constexpr std::string_view export_ending = ".jsonl";

/// The newest export that was made after the database was last written.
std::optional<std::string> export_of(const fs::path& database) {
    std::error_code error;
    fs::file_time_type newest = fs::last_write_time(database, error);
    std::optional<std::string> found;
    for (const auto& entry : fs::directory_iterator(database.parent_path(), error)) {
        const std::string name = entry.path().filename();
        if (!name.starts_with(export_stem) || !name.ends_with(export_ending)) continue;
        const fs::file_time_type written = fs::last_write_time(entry.path(), error);
        if (error || written <= newest) continue;
        newest = written;
        found = entry.path();
    }
    return found;
}

std::string told(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    std::int64_t messages = 0, in_part = 0;
    for (std::string line; std::getline(in, line); ++messages) in_part += line.ends_with(R"("damaged":true})");
    std::string text = counted(messages, "message that can still be read is", "messages that can still be read are");
    if (in_part > 0) text += " (" + std::to_string(in_part) + " of them in part)";
    return text + " in " + file + ".";
}

}  // namespace

std::string keep_readable_rest(const std::string& database, WallTime now) {
    if (const auto before = export_of(database)) return told(*before);
    std::string date = format_wall(now).substr(0, 19);  // To the second; the fraction says nothing here.
    std::ranges::replace(date, ':', '-');
    const fs::path place = fs::path(database).parent_path();
    const auto report =
        salvage_sqlite(database, place / (std::string(export_stem) + date + std::string(export_ending)));
    if (!report) return "Nothing could be exported: " + report.error().detail + ".";
    return told(report->file);
}

}  // namespace evenkeel

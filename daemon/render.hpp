#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"
#include "core/time.hpp"
#include "frontends/terminal/screen.hpp"

namespace evenkeel {

/// Where a command speaks to. All outlive the command.
struct Output {
    terminal::Screen& out;  ///< The result.
    terminal::Screen& err;  ///< Everything else.
    bool json = false;      ///< The JSON as it came, one line.
    bool quiet = false;     ///< No remarks.
    WallTime now{};         ///< For "5 min ago".
    bool colours() const noexcept { return out.colours(); }
};

struct Cell {
    std::string text;
    terminal::Style style = terminal::Style::plain;
};
struct Column {
    std::string title;
    bool right = false;     ///< Numbers stand right.
    bool flexible = false;  ///< Gives way first where the screen is narrow; at most one column.
};

/// Text in straight columns under a dim head line.
class Table {
public:
    explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
    /// As many cells as columns. Line breaks and control characters in them become blanks.
    void add(std::vector<Cell> cells);
    bool empty() const noexcept { return rows_.empty(); }
    /// On a screen people look at it fits its width: the flexible column is cut with "…". Into a pipe nothing is cut.
    std::string text(const terminal::Screen& screen) const;

private:
    std::vector<std::size_t> widths(const terminal::Screen& screen) const;
    std::string line(const std::vector<Cell>& cells, const std::vector<std::size_t>& widths, bool colours) const;
    std::vector<Column> columns_;
    std::vector<std::vector<Cell>> rows_;
};

/// "name:   value" lines with the values in one column; empty values are left out.
std::string facts(const std::vector<std::pair<std::string, std::string>>& lines, const terminal::Screen& screen);

/// `text` in lines of at most `columns`, broken at blanks, each begun with `indent`; line breaks in it are kept.
std::string wrapped(std::string_view text, std::size_t columns, std::string_view indent);

/// "5 min ago", "just now"; "–" for nothing.
std::string ago(std::optional<Millis> span);
/// "in 5 min", "now"; "–" for nothing.
std::string in_time(std::optional<Millis> span);
/// Shorter than spoken_duration, one unit: "45 s", "12 min", "3 h", "2 d".
std::string rough_duration(Millis span);
/// A member that holds seconds.
std::optional<Millis> seconds_of(Json json);
/// An RFC 3339 time in UTC as format_wall writes it.
std::optional<WallTime> parse_wall(std::string_view text) noexcept;
/// "1,234,567".
std::string grouped(std::int64_t number);
/// "1.2 MiB" for people.
std::string spoken_size(std::int64_t bytes);
/// "1 question", "3 questions".
std::string counted(std::int64_t number, std::string_view one, std::string_view many);

/// {"id": …}: the argument of most operations.
std::string id_argument(std::string_view id);
/// What the desk gave, parsed. Errors: internal; no JSON from a desk is a defect.
Result<Json> parse_reply(JsonDoc& document, std::string_view reply);

/// Shows what went wrong on `err` and gives the exit code.
int report(const Error& error, Output& output);
/// Shows the JSON and gives 0.
int print_json(std::string_view json, Output& output);

}  // namespace evenkeel

#include "daemon/render.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <numeric>

#include <fmt/format.h>

#include "core/exit_code.hpp"
#include "core/json_writer.hpp"
#include "core/text.hpp"

namespace evenkeel {
namespace {

using terminal::display_width;
using terminal::Style;

constexpr std::size_t gap = 2, flexible_min = 12, cell_columns_max = 10'000;

std::string padding(std::size_t columns) { return std::string(columns, ' '); }

/// The longest beginning of `text` that takes at most `columns`, with "…" where something was cut.
std::string cut(const std::string& text, std::size_t columns) {
    if (display_width(text) <= columns) return text;
    std::string shorter = one_line(text, columns);
    // Wide characters take two columns each, so a cut by characters may still be too long.
    for (std::size_t count = columns; display_width(shorter) > columns && count > 1; --count)
        shorter = one_line(text, count - 1);
    return shorter;
}

}  // namespace

void Table::add(std::vector<Cell> cells) {
    for (Cell& cell : cells) cell.text = one_line(cell.text, cell_columns_max);
    rows_.push_back(std::move(cells));
}

std::vector<std::size_t> Table::widths(const terminal::Screen& screen) const {
    std::vector<std::size_t> widths;
    widths.reserve(columns_.size());
    for (const Column& column : columns_) widths.push_back(display_width(column.title));
    for (const auto& row : rows_)
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], display_width(row[i].text));
    if (!screen.interactive()) return widths;
    const auto flexible = std::ranges::find(columns_, true, &Column::flexible);
    if (flexible == columns_.end()) return widths;
    const std::size_t total = std::accumulate(widths.begin(), widths.end(), gap * (widths.size() - 1));
    const auto columns = static_cast<std::size_t>(screen.columns());
    std::size_t& width = widths[static_cast<std::size_t>(flexible - columns_.begin())];
    if (total > columns) width = std::min(width, std::max(flexible_min, width - std::min(width, total - columns)));
    return widths;
}

std::string Table::line(const std::vector<Cell>& cells, const std::vector<std::size_t>& widths, bool colours) const {
    std::string text;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const std::string shown = cut(cells[i].text, widths[i]);
        const std::string pad = padding(widths[i] - std::min(widths[i], display_width(shown)));
        const bool last = i + 1 == cells.size();
        if (columns_[i].right) text += pad;
        text += terminal::styled(shown, cells[i].style, colours);
        if (!columns_[i].right && !last) text += pad;
        if (!last) text += padding(gap);
    }
    while (text.ends_with(' ')) text.pop_back();
    return text + "\n";
}

std::string Table::text(const terminal::Screen& screen) const {
    const std::vector<std::size_t> columns = widths(screen);
    std::vector<Cell> titles;
    titles.reserve(columns_.size());
    for (const Column& column : columns_) titles.push_back({column.title, Style::dim});
    std::string text = line(titles, columns, screen.colours());
    for (const auto& row : rows_) text += line(row, columns, screen.colours());
    return text;
}

std::string facts(const std::vector<std::pair<std::string, std::string>>& lines, const terminal::Screen& screen) {
    std::size_t width = 0;
    for (const auto& [name, value] : lines)
        if (!value.empty()) width = std::max(width, display_width(name));
    std::string text;
    for (const auto& [name, value] : lines) {
        if (value.empty()) continue;
        text += terminal::styled(name, Style::dim, screen.colours()) + padding(width - display_width(name) + gap) +
                value + "\n";
    }
    return text;
}

std::string wrapped(std::string_view text, std::size_t columns, std::string_view indent) {
    std::string result;
    const std::size_t room = std::max<std::size_t>(columns, indent.size() + flexible_min) - indent.size();
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        std::string_view paragraph = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        std::string line;
        while (!paragraph.empty()) {
            const std::size_t blank = paragraph.find(' ');
            const std::string_view word = paragraph.substr(0, blank);
            paragraph.remove_prefix(blank == std::string_view::npos ? paragraph.size() : blank + 1);
            if (!line.empty() && display_width(line) + 1 + display_width(word) > room) {
                result += std::string(indent) + line + "\n";
                line.clear();
            }
            line += (line.empty() ? "" : " ") + std::string(word);
        }
        result += (line.empty() ? std::string() : std::string(indent) + line) + "\n";
    }
    return result;
}

std::string rough_duration(Millis span) {
    const auto s = std::max<Millis::rep>(span.count(), 0) / 1000;
    if (s < 90) return fmt::format("{} s", s);
    if (s < 90 * 60) return fmt::format("{} min", s / 60);
    if (s < 48 * 3600) return fmt::format("{} h", s / 3600);
    return fmt::format("{} d", s / 86'400);
}

std::string ago(std::optional<Millis> span) {
    if (!span) return "–";
    return *span < Millis{1'000} ? "just now" : rough_duration(*span) + " ago";
}

std::string in_time(std::optional<Millis> span) {
    if (!span) return "–";
    return *span < Millis{1'000} ? "now" : "in " + rough_duration(*span);
}

std::optional<Millis> seconds_of(Json json) {
    const auto seconds = json.integer();
    return seconds ? std::optional<Millis>(Seconds{*seconds}) : std::nullopt;
}

std::optional<WallTime> parse_wall(std::string_view text) noexcept {
    // "2026-11-22T18:36:19.123Z": digits stand at fixed places.
    constexpr std::string_view shape = "dddd-dd-ddTdd:dd:dd.dddZ";
    if (text.size() != shape.size()) return std::nullopt;
    for (std::size_t i = 0; i < shape.size(); ++i)
        if (shape[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != shape[i]) return std::nullopt;
    const auto number = [&](std::size_t at, std::size_t digits) {
        int value = 0;
        std::from_chars(text.data() + at, text.data() + at + digits, value);
        return value;
    };
    const std::chrono::year_month_day date{std::chrono::year{number(0, 4)},
                                           std::chrono::month{static_cast<unsigned>(number(5, 2))},
                                           std::chrono::day{static_cast<unsigned>(number(8, 2))}};
    if (!date.ok()) return std::nullopt;
    return WallTime{std::chrono::sys_days{date}} + std::chrono::hours{number(11, 2)} +
           std::chrono::minutes{number(14, 2)} + Seconds{number(17, 2)} + Millis{number(20, 3)};
}

std::string grouped(std::int64_t number) {
    std::string digits = fmt::format("{}", number);
    const std::size_t begin = digits.starts_with('-') ? 1 : 0;
    for (std::size_t at = digits.size(); at > begin + 3;) {
        at -= 3;
        digits.insert(at, ",");
    }
    return digits;
}

std::string spoken_size(std::int64_t bytes) {
    constexpr std::array<std::string_view, 5> units{"B", "KiB", "MiB", "GiB", "TiB"};
    auto size = static_cast<double>(bytes);
    std::size_t unit = 0;
    for (; size >= 1024 && unit + 1 < units.size(); ++unit) size /= 1024;
    return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", size, units[unit]);
}

std::string counted(std::int64_t number, std::string_view one, std::string_view many) {
    return grouped(number) + " " + std::string(number == 1 ? one : many);
}

std::string id_argument(std::string_view id) {
    std::string text;
    JsonWriter(text).object().member("id", id).end_object();
    return text;
}

Result<Json> parse_reply(JsonDoc& document, std::string_view reply) {
    auto json = document.parse(reply);
    if (!json)
        return own_fault(ErrorClass::internal, "what the queue's owner sent is not JSON: " + json.error().detail);
    return json;
}

int report(const Error& error, Output& output) {
    std::string text = error.detail.empty() ? describe(error) : error.detail;
    if (error.code == "owner_gone") text += " (the process that works the queue ended; what was accepted is safe)";
    output.err.write(terminal::styled("error: ", Style::error, output.err.colours()) + text + "\n");
    return to_int(exit_code_for(error));
}

int print_json(std::string_view json, Output& output) {
    output.out.write(std::string(json) + "\n");
    return to_int(ExitCode::answered);
}

}  // namespace evenkeel

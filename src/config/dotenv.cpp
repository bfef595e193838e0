#include "config/dotenv.hpp"

#include <optional>
#include <utility>

#include "core/text.hpp"

namespace evenkeel {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

bool is_name(std::string_view name) noexcept {
    if (name.empty() || (name.front() >= '0' && name.front() <= '9')) return false;
    for (const char c : name)
        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')) return false;
    return true;
}

char unescaped(char c) noexcept { return c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c; }

/// A value that begins with a quote; nothing when the quote is not closed or something follows it but a comment.
std::optional<std::string> quoted_value(std::string_view text) {
    const char quote = text.front();
    std::string value;
    std::size_t i = 1;
    for (; i < text.size() && text[i] != quote; ++i) {
        if (quote == '"' && text[i] == '\\' && i + 1 < text.size())
            value += unescaped(text[++i]);
        else
            value += text[i];
    }
    if (i >= text.size()) return std::nullopt;
    const std::string_view rest = trimmed(text.substr(i + 1));
    if (!rest.empty() && !rest.starts_with('#')) return std::nullopt;
    return value;
}

/// A bare value ends at a comment, which needs a blank before it: keys and URLs may hold a "#".
std::string bare_value(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i)
        if (text[i] == '#' && (i == 0 || text[i - 1] == ' ' || text[i - 1] == '\t'))
            return std::string(trimmed(text.substr(0, i)));
    return std::string(text);
}

void read_line(std::string_view line, int number, std::string_view file, Dotenv& into) {
    const auto broken = [&](std::string field, std::string what, std::string remedy) {
        into.problems.push_back({std::string(file), number, std::move(field), "", std::move(what), std::move(remedy)});
    };
    if (line.starts_with("export ") || line.starts_with("export\t")) line = trimmed(line.substr(7));
    const std::size_t sign = line.find('=');
    if (sign == std::string_view::npos)
        return broken("", "This line is not an assignment.", "Write NAME=value, or put # before a comment.");
    const std::string_view name = trimmed(line.substr(0, sign));
    if (!is_name(name))
        return broken("", "What stands before the = is not a name.",
                      "A name has letters, digits and _ only, and does not begin with a digit.");
    const std::string_view text = trimmed(line.substr(sign + 1));
    if (!text.starts_with('"') && !text.starts_with('\'')) {
        into.entries.push_back({std::string(name), bare_value(text), number});
        return;
    }
    auto value = quoted_value(text);
    if (!value)
        return broken(std::string(name), "The quoted value does not end where the line ends.",
                      "Close the quote, and put nothing but a # comment behind it.");
    into.entries.push_back({std::string(name), std::move(*value), number});
}

}  // namespace

Dotenv parse_dotenv(std::string_view text, std::string_view file) {
    Dotenv result;
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    for (int number = 1; !text.empty(); ++number) {
        const std::size_t end = text.find('\n');
        const std::string_view line = trimmed(text.substr(0, end));
        if (!line.empty() && !line.starts_with('#')) read_line(line, number, file, result);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return result;
}

}  // namespace evenkeel

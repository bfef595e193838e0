#include "config/toml_file.hpp"

#include <algorithm>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <fmt/format.h>

#include "core/text.hpp"

namespace evenkeel {
namespace {

int line_of(const toml::source_region& source) noexcept { return static_cast<int>(source.begin.line); }

Written written(const toml::node& node) {
    using As = Written::As;
    if (const auto* text = node.as_string()) return {As::string, text->get()};
    if (const auto* number = node.as_integer()) return {As::integer, fmt::format("{}", number->get())};
    if (const auto* number = node.as_floating_point()) return {As::real, fmt::format("{}", number->get())};
    if (const auto* truth = node.as_boolean()) return {As::boolean, truth->get() ? "true" : "false"};
    return {As::other, node.is_array() ? "[…]" : node.is_table() ? "{…}" : "a date or time"};
}

/// toml++ keeps a table's keys sorted; people are told of faults in the order of their lines.
template <class T>
void in_file_order(std::vector<T>& items) {
    std::ranges::sort(items, {}, &T::line);
}

TomlTable table_of(std::string_view name, const toml::table& table, bool is_element) {
    TomlTable result{std::string(name), is_element, line_of(table.source()), {}};
    for (const auto& [key, node] : table)
        result.entries.push_back({std::string(key.str()), written(node), line_of(node.source())});
    in_file_order(result.entries);
    return result;
}

bool is_array_of_tables(const toml::node& node) noexcept {
    const toml::array* array = node.as_array();
    return array != nullptr && !array->empty() &&
           std::ranges::all_of(*array, [](const toml::node& each) { return each.is_table(); });
}

}  // namespace

TomlFile parse_toml(std::string_view text, std::string_view file) {
    TomlFile result;
    const toml::parse_result parsed = toml::parse(text);
    if (!parsed) {
        // The library's words hold single characters and names of keys, never values (toml_file_test).
        result.problems.push_back(
            {std::string(file), line_of(parsed.error().source()), "", "",
             fmt::format("This is not valid TOML: {}.", one_line(parsed.error().description(), 160)),
             "Write name = \"text\", name = 12 or name = true, each on a line of its own."});
        return result;
    }
    for (const auto& [key, node] : parsed.table()) {
        if (const toml::table* table = node.as_table()) {
            result.tables.push_back(table_of(key.str(), *table, false));
        } else if (is_array_of_tables(node)) {
            for (const toml::node& element : *node.as_array())
                result.tables.push_back(table_of(key.str(), *element.as_table(), true));
        } else {
            result.loose.push_back({std::string(key.str()), written(node), line_of(node.source())});
        }
    }
    in_file_order(result.loose);
    in_file_order(result.tables);
    return result;
}

}  // namespace evenkeel

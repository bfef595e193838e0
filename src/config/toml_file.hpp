#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "config/problem.hpp"
#include "config/value.hpp"

namespace evenkeel {

/// One `key = value` of a settings file.
struct TomlEntry {
    std::string key;
    Written value;
    int line = 0;
};
/// One `[name]` or one `[[name]]`.
struct TomlTable {
    std::string name;
    bool is_element = false;  ///< Of an array of tables: `[[name]]`.
    int line = 0;
    std::vector<TomlEntry> entries;  ///< In the file's order.
};
struct TomlFile {
    std::vector<TomlEntry> loose;   ///< Before the first table.
    std::vector<TomlTable> tables;  ///< In the file's order.
    std::vector<Problem> problems;  ///< What is not TOML at all; then the rest is empty.
};

/// Reads TOML 1.0 without giving it a meaning. `file` is what errors call it. Nothing of a broken line is repeated in
/// them: it may be a key.
TomlFile parse_toml(std::string_view text, std::string_view file);

}  // namespace evenkeel

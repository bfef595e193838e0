#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/settings.hpp"
#include "core/result.hpp"

namespace evenkeel {

/// Where a field's value lives. The alternative that is set is the field's type.
using Slot = std::variant<std::string*, bool*, std::int64_t*, double*, std::optional<double>*, Millis*, ByteSize*,
                          Rate*, std::vector<std::string>*>;

/// A value as somebody wrote it.
struct Written {
    enum class As : std::uint8_t {
        plain,   ///< Without a type: environment, .env, command line, the table's defaults.
        string,  ///< The others are TOML's types.
        integer,
        real,
        boolean,
        list,   ///< Of strings; `text` holds them separated by commas.
        other,  ///< A table, another list, a date: no field takes one.
    };
    As as = As::plain;
    std::string text;  ///< Without quotes.
    /// As it stands in a TOML file.
    std::string shown() const;
};

/// What may be written: a range in the base unit of the type (milliseconds, bytes, per second), or words.
struct Limits {
    double low = 0;
    double high = 0;              ///< Below `low`: no range.
    std::string_view words = {};  ///< "openai|ollama"; empty: any text.
};

/// Puts the value into the slot. Errors: request; `detail` says what is wrong, `code` how to write it. The slot is then
/// unchanged.
Result<void> assign(Slot slot, const Written& written, const Limits& limits);
/// As one would write it in the file: "\"24h\"", "1000", "true", "unset".
std::string written_value(Slot slot);
/// "duration", "size", "rate", "number", "whole number", "yes or no", "text", "list of texts".
std::string_view type_name(Slot slot) noexcept;
/// "1s to 7d", "openai, ollama"; empty where anything goes.
std::string limits_text(Slot slot, const Limits& limits);

}  // namespace evenkeel

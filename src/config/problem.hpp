#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace evenkeel {

/// Something about the settings that a person must (error) or may want to (warning) mend.
struct Problem {
    std::string file;    ///< "evenkeel.toml", ".env", "environment", "command line"; empty where there is none.
    int line = 0;        ///< From 1; 0 where there is none.
    std::string field;   ///< "[queue] ttl", "NANOGPT_API_URL"; empty where no field is meant.
    std::string value;   ///< As written; never that of a secret.
    std::string what;    ///< What is wrong, one sentence.
    std::string remedy;  ///< What to do, one sentence.
    bool operator==(const Problem&) const = default;
};

/// Three lines for a terminal:
///
///     error: evenkeel.toml, line 12: [queue] ttl = "24x"
///            This is not a duration.
///            Write a number and a unit: "250ms", "10s", "24h".
std::string to_text(const Problem& problem, std::string_view severity);
std::string to_text(std::span<const Problem> problems, std::string_view severity);

/// The word of `known` that was probably meant, empty when none is near (at most a third of the letters differ).
std::string_view nearest(std::string_view word, std::span<const std::string_view> known);
/// "Did you mean "ttl"?", or `otherwise`.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> known, std::string_view otherwise);

}  // namespace evenkeel

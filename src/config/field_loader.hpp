#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "config/fields.hpp"
#include "config/names.hpp"

namespace evenkeel {

/// A value and where it was given.
struct Given {
    Written written;
    std::string file;  ///< As Problem::file; empty for a default.
    int line = 0;
    std::string name;  ///< Of the variable or flag; empty in a settings file.

    /// "default", "evenkeel.toml, line 3", ".env, line 2: OLLAMA_HOST", "environment: OLLAMA_HOST", "--data".
    std::string source() const;
};
Given given_by(const NamedValue& value);

/// A fault of that field in the words of where it was given.
Problem problem_of(const Given& given, std::string_view field, std::string what, std::string remedy);

/// Puts the values into the field's slot, the weakest first, so that the last good one stays; a bad one is an error
/// wherever it stands. Gives the one that stands.
Given assign_given(const Field& field, Slot slot, std::string_view called, const std::vector<Given>& weakest_first,
                   std::vector<Problem>& errors);

}  // namespace evenkeel

#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/dotenv.hpp"
#include "config/problem.hpp"

namespace evenkeel {

using Variables = std::map<std::string, std::string, std::less<>>;

/// What was given under a name, and where.
struct NamedValue {
    std::string name, value;
    std::string file;  ///< "environment", or the .env file's.
    int line = 0;      ///< In the .env file.
};

/// The environment, and behind it the .env file. A name with an empty value counts as not given.
class Names {
public:
    Names(const Variables& environment, std::vector<DotenvEntry> dotenv, const std::string& dotenv_file);

    std::optional<NamedValue> find(std::string_view name) const;
    bool any_with_prefix(std::string_view prefix) const;
    /// Names that look like ours and are not: "NANOGPT_KEY", "EVENKEEL_QUEUE_TLL". One warning each.
    std::vector<Problem> likely_slips(const std::vector<std::string>& known) const;

private:
    std::map<std::string, NamedValue, std::less<>> values_;
};

}  // namespace evenkeel

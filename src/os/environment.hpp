#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace evenkeel::os {

/// The environment variables as they were at one moment. Read once at the start and handed on, so that nothing else
/// looks at the process and a test can say what the environment is.
class Environment {
public:
    using Variables = std::map<std::string, std::string, std::less<>>;
    Environment() = default;
    explicit Environment(Variables variables) : variables_(std::move(variables)) {}
    static Environment of_process();

    /// Nothing where it is not set; empty where it is set to nothing. Valid as long as this object.
    std::optional<std::string_view> get(std::string_view name) const;
    /// As `get`, but a variable that is set to nothing counts as not set.
    std::optional<std::string_view> get_filled(std::string_view name) const;
    const Variables& all() const noexcept { return variables_; }

private:
    Variables variables_;
};

/// Where this user's files belong (XDG Base Directory 0.8): the variable where it is an absolute path, else the
/// default under the home directory. "" only for a user without any home.
std::string home_directory(const Environment& environment);
std::string state_directory(const Environment& environment);   ///< $XDG_STATE_HOME/evenkeel: conversations, queue.
std::string config_directory(const Environment& environment);  ///< $XDG_CONFIG_HOME/evenkeel: evenkeel.toml.

}  // namespace evenkeel::os

#include "os/environment.hpp"

#include <pwd.h>
#include <unistd.h>

#include <array>

namespace evenkeel::os {
namespace {

std::string below(const Environment& environment, std::string_view variable, std::string_view beneath_home) {
    // The specification wants relative paths ignored.
    if (const auto base = environment.get_filled(variable); base && base->front() == '/')
        return std::string(*base) + "/evenkeel";
    const std::string home = home_directory(environment);
    return home.empty() ? home : home + std::string(beneath_home) + "/evenkeel";
}

}  // namespace

Environment Environment::of_process() {
    Variables variables;
    for (char** entry = ::environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view text(*entry);
        const std::size_t equals = text.find('=');
        if (equals != std::string_view::npos && equals > 0)
            variables.emplace(text.substr(0, equals),
                              text.substr(equals + 1));  // The first of a name is what getenv sees.
    }
    return Environment(std::move(variables));
}

std::optional<std::string_view> Environment::get(std::string_view name) const {
    const auto found = variables_.find(name);
    if (found == variables_.end()) return std::nullopt;
    return found->second;
}

std::optional<std::string_view> Environment::get_filled(std::string_view name) const {
    const auto value = get(name);
    return value && !value->empty() ? value : std::nullopt;
}

std::string home_directory(const Environment& environment) {
    if (const auto home = environment.get_filled("HOME"); home && home->front() == '/') return std::string(*home);
    // Started by cron or a bare service there may be no HOME; the password file knows.
    std::array<char, 4096> buffer;
    passwd entry{};
    passwd* found = nullptr;
    if (::getpwuid_r(::getuid(), &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr)
        return found->pw_dir;
    return {};
}

std::string state_directory(const Environment& environment) {
    return below(environment, "XDG_STATE_HOME", "/.local/state");
}

std::string config_directory(const Environment& environment) {
    return below(environment, "XDG_CONFIG_HOME", "/.config");
}

}  // namespace evenkeel::os

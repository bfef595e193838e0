#pragma once
// For the tests of this folder: a machine made of two maps.
#include <map>
#include <string>

#include "config/load.hpp"

namespace evenkeel {

/// A machine of files and variables.
struct World {
    std::map<std::string, std::string> files, secret_files;
    Variables environment;
    std::string state_directory = "/home/ada/.local/state/evenkeel", config_directory = "/home/ada/.config/evenkeel";
    std::string config_flag, data_flag;

    Loaded load() const {
        LoadInputs inputs;
        inputs.environment = environment;
        inputs.read_file = [this](const std::string& path) -> Result<std::string> {
            const auto found = files.find(path);
            if (found == files.end()) return own_fault(ErrorClass::storage, "no such file", "not_found");
            if (found->second == "(unreadable)")
                return own_fault(ErrorClass::storage, "not permitted", "not_permitted");
            return found->second;
        };
        inputs.read_secret_file = [this](const std::string& path) -> Result<Secret> {
            const auto found = secret_files.find(path);
            if (found == secret_files.end())
                return own_fault(ErrorClass::storage, "others may read it; chmod 600 it", "not_private");
            return Secret(found->second);
        };
        inputs.state_directory = state_directory;
        inputs.config_directory = config_directory;
        inputs.config_flag = config_flag;
        inputs.data_flag = data_flag;
        return load_settings(inputs);
    }
    Loaded load_file(std::string text) {
        files["./evenkeel.toml"] = std::move(text);
        return load();
    }
};

inline std::string errors_of(const Loaded& loaded) { return to_text(loaded.errors, "error"); }
inline std::string warnings_of(const Loaded& loaded) { return to_text(loaded.warnings, "warning"); }

inline std::string source_of(const Loaded& loaded, std::string_view section, std::string_view name) {
    for (const SettingOrigin& each : loaded.settings.origins)
        if (each.section == section && each.name == name) return each.source;
    return "no such setting";
}

}  // namespace evenkeel

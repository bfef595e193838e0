#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/field_loader.hpp"
#include "config/load.hpp"
#include "config/toml_file.hpp"

namespace evenkeel {

/// Reads all [[provider]] tables (or makes the default route), resolves their URLs and keys, and checks them.
class ProviderLoader {
public:
    /// Everything outlives it. `file` is what errors call the settings file.
    ProviderLoader(const LoadInputs& inputs, const Names& names, std::string file, Loaded& into)
        : inputs_(inputs), names_(names), file_(std::move(file)), into_(into) {}
    void load(const std::vector<const TomlTable*>& tables);

private:
    /// A provider in the making: what it is, and where each of its values stands.
    struct Draft {
        ProviderSettings settings;
        const TomlTable* table = nullptr;
        std::map<std::string, Given, std::less<>> given;
        std::string called(std::string_view field) const;
    };
    void load_table(const TomlTable& table);
    void load_default(std::string name, std::string kind);
    bool read_name_and_kind(Draft& draft);
    bool check_keys(const Draft& draft);
    void finish(Draft draft);
    std::vector<Given> weakest_first(const Field& field, const Draft& draft) const;
    void read_url(Draft& draft);
    void warn_of_url(const Draft& draft);
    void read_key(Draft& draft);
    void take_key(Draft& draft, std::string_view key, const Given& where);
    void keep_origins(Draft& draft);
    void check_route();

    const LoadInputs& inputs_;
    const Names& names_;
    std::string file_;
    Loaded& into_;
};

}  // namespace evenkeel

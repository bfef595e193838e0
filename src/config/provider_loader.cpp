#include "config/provider_loader.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "config/api_key.hpp"
#include "core/text.hpp"

namespace evenkeel {
namespace {

constexpr std::string_view nanogpt_key_name = "NANOGPT_API_KEY";
constexpr std::size_t name_bytes_max = 32;
// These words name something else where a provider's name may stand.
constexpr std::array<std::string_view, 3> reserved_names{"evenkeel", "queue", "practice"};

bool is_provider_name(std::string_view name) noexcept {
    return !name.empty() && name.size() <= name_bytes_max && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
}

bool is_nanogpt(const BaseUrl& url) noexcept {
    return url.host == "nano-gpt.com" || url.host.ends_with(".nano-gpt.com");
}

/// Of the values that depend on who the provider is, not only on its kind.
std::string default_of(const Field& field, const ProviderSettings& provider) {
    if (provider.name == "nanogpt" && !provider.is_ollama()) {
        if (field.name == "base_url") return std::string(nanogpt_url);
        if (field.name == "model") return std::string(nanogpt_model);
    }
    const bool other = provider.is_ollama() && !field.fallback_ollama.empty();
    return std::string(other ? field.fallback_ollama : field.fallback);
}

const TomlEntry* find_entry(const TomlTable* table, std::string_view key) noexcept {
    if (table == nullptr) return nullptr;
    const auto found = std::ranges::find(table->entries, key, &TomlEntry::key);
    return found == table->entries.end() ? nullptr : &*found;
}

}  // namespace

std::string ProviderLoader::Draft::called(std::string_view field) const {
    return settings.name.empty() ? fmt::format("[[provider]] {}", field)
                                 : fmt::format("[[provider]] {}: {}", settings.name, field);
}

void ProviderLoader::load(const std::vector<const TomlTable*>& tables) {
    for (const TomlTable* table : tables) load_table(*table);
    if (tables.empty()) {
        if (names_.find(nanogpt_key_name)) load_default("nanogpt", "openai");
        load_default("ollama", "ollama");
    }
    check_route();
}

void ProviderLoader::load_default(std::string name, std::string kind) {
    Draft draft;
    draft.settings.name = std::move(name);
    draft.settings.kind = std::move(kind);
    finish(std::move(draft));
}

void ProviderLoader::load_table(const TomlTable& table) {
    Draft draft;
    draft.table = &table;
    if (read_name_and_kind(draft) && check_keys(draft)) finish(std::move(draft));
}

bool ProviderLoader::read_name_and_kind(Draft& draft) {
    const auto complain = [&](int line, std::string value, std::string what, std::string remedy) {
        into_.errors.push_back(
            {file_, line, "[[provider]] name", std::move(value), std::move(what), std::move(remedy)});
        return false;
    };
    const TomlEntry* name = find_entry(draft.table, "name");
    if (name == nullptr) return complain(draft.table->line, "", "This provider has no name.", "Add name = \"…\".");
    if (name->value.as != Written::As::string || !is_provider_name(name->value.text))
        return complain(name->line, name->value.shown(), "This is not a provider's name.",
                        "Use up to 32 of a to z, 0 to 9, - and _, in quotes.");
    if (std::ranges::find(reserved_names, name->value.text) != reserved_names.end())
        return complain(name->line, name->value.shown(), "This name has a meaning of its own.", "Choose another one.");
    const auto& others = into_.settings.providers;
    if (std::ranges::find(others, name->value.text, &ProviderSettings::name) != others.end())
        return complain(name->line, name->value.shown(), "Two providers have this name.", "Give each its own.");
    draft.settings.name = name->value.text;

    const Field& kind = *find_field("provider", "kind");
    std::vector<Given> given{{{Written::As::plain, std::string(kind.fallback)}, "", 0, ""}};
    if (const TomlEntry* entry = find_entry(draft.table, "kind"))
        given.push_back({entry->value, file_, entry->line, ""});
    else if (draft.settings.name == "ollama")
        given.push_back({{Written::As::plain, "ollama"}, "", 0, ""});
    const std::size_t errors = into_.errors.size();
    draft.given["kind"] = assign_given(kind, &draft.settings.kind, draft.called("kind"), given, into_.errors);
    return into_.errors.size() == errors;
}

bool ProviderLoader::check_keys(const Draft& draft) {
    const auto known = field_names("provider");
    bool good = true;
    for (const TomlEntry& entry : draft.table->entries) {
        if (std::ranges::find(known, entry.key) != known.end()) continue;
        good = false;
        const bool is_key = entry.key.find("key") != std::string::npos ||
                            entry.key.find("token") != std::string::npos ||
                            entry.key.find("secret") != std::string::npos;
        if (is_key)  // Its value may be one: it is not shown.
            into_.errors.push_back({file_, entry.line, draft.called(entry.key), "", "A key never stands in this file.",
                                    "Name the variable that holds it, api_key_env = \"NANOGPT_API_KEY\", or a file, "
                                    "api_key_file = \"…\"."});
        else
            into_.errors.push_back({file_, entry.line, draft.called(entry.key), entry.value.shown(),
                                    "There is no such setting.",
                                    did_you_mean(entry.key, known, "See `evenkeel config show` for all of them.")});
    }
    return good;
}

std::vector<Given> ProviderLoader::weakest_first(const Field& field, const Draft& draft) const {
    std::vector<Given> all;
    if (std::string text = default_of(field, draft.settings); !text.empty())
        all.push_back({{Written::As::plain, std::move(text)}, "", 0, ""});
    if (const TomlEntry* entry = find_entry(draft.table, field.name))
        all.push_back({entry->value, file_, entry->line, ""});
    if (const auto name = provider_environment_name(draft.settings.name, field.name); !name.empty())
        if (const auto value = names_.find(name)) all.push_back(given_by(*value));
    return all;
}

void ProviderLoader::finish(Draft draft) {
    const std::size_t errors = into_.errors.size();
    for (const Field& field : fields()) {
        if (field.section != "provider" || field.name == "name" || field.name == "kind") continue;
        const Slot slot = field.slot(into_.settings, draft.settings);
        draft.given[std::string(field.name)] =
            assign_given(field, slot, draft.called(field.name), weakest_first(field, draft), into_.errors);
    }
    if (draft.settings.base_url.empty() || draft.settings.model.empty()) {
        const std::string_view missing = draft.settings.base_url.empty() ? "base_url" : "model";
        into_.errors.push_back({file_, draft.table->line, draft.called(missing), "", "This setting is required.",
                                missing == "model" ? "Add model = \"…\", a name from the provider's list."
                                                   : "Add base_url = \"https://…/v1\"."});
    } else if (into_.errors.size() == errors) {
        read_url(draft);
        if (into_.errors.size() == errors) read_key(draft);
    }
    keep_origins(draft);
    into_.settings.providers.push_back(std::move(draft.settings));
}

void ProviderLoader::read_url(Draft& draft) {
    ProviderSettings& provider = draft.settings;
    const Given& where = draft.given["base_url"];
    auto url = provider.is_ollama() ? parse_ollama_host(provider.base_url) : parse_base_url(provider.base_url);
    if (!url) {
        into_.errors.push_back(problem_of(where, draft.called("base_url"), "This is not a base URL.",
                                          fmt::format("Mend it: {}.", url.error().detail)));
        if (provider.base_url.find('@') != std::string::npos) into_.errors.back().value = "(not shown)";
        return;
    }
    provider.url = std::move(*url);
    if (draft.given["local"].file.empty()) provider.local = is_loopback(provider.url.host);
    warn_of_url(draft);
    // Ollama's own API lies beside its OpenAI-like one; the latter knows no window size and loses errors.
    if (provider.is_ollama() && provider.url.path.ends_with("/v1"))
        provider.url.path.resize(provider.url.path.size() - 3);
}

void ProviderLoader::warn_of_url(const Draft& draft) {
    const ProviderSettings& provider = draft.settings;
    const auto warn = [&](std::string what, std::string remedy) {
        into_.warnings.push_back(
            problem_of(draft.given.at("base_url"), draft.called("base_url"), std::move(what), std::move(remedy)));
    };
    if (!provider.url.warning.empty()) warn(provider.url.warning + ".", "Use a port from 1 to 65535.");
    if (provider.url.host == "api.nanogpt.io" || provider.url.host == "nanogpt.io")
        warn("NanoGPT does not document this host; the address stands in a tutorial and is probably wrong.",
             fmt::format("Write {}", nanogpt_url));
    else if (is_nanogpt(provider.url) && !provider.is_ollama() && provider.url.path.find("/v1") == std::string::npos)
        warn("NanoGPT's API begins at another path.", fmt::format("Write {}", nanogpt_url));
    if (provider.is_ollama() && provider.url.path.ends_with("/v1"))
        warn("Ollama's own API is used, not the one below /v1; that part is left off.", "Leave out /v1.");
}

void ProviderLoader::read_key(Draft& draft) {
    ProviderSettings& provider = draft.settings;
    if (!provider.api_key_env.empty() && !provider.api_key_file.empty()) {
        into_.errors.push_back(problem_of(draft.given["api_key_file"], draft.called("api_key_file"),
                                          "The key is named twice.", "Keep one of api_key_env and api_key_file."));
        return;
    }
    if (!provider.api_key_file.empty()) {
        const Given& where = draft.given["api_key_file"];
        auto key = inputs_.read_secret_file(provider.api_key_file);
        if (key) return take_key(draft, key->reveal(), where);
        into_.errors.push_back(problem_of(where, draft.called("api_key_file"), "The key cannot be read from this file.",
                                          key.error().detail));
        return;
    }
    const bool ours = provider.api_key_env.empty() && is_nanogpt(provider.url);
    if (ours || (provider.api_key_env.empty() && provider.name == "nanogpt" && !provider.is_ollama()))
        provider.api_key_env = nanogpt_key_name;
    if (provider.api_key_env.empty()) return;
    if (const auto key = names_.find(provider.api_key_env)) return take_key(draft, trimmed(key->value), given_by(*key));
    provider.left_out = fmt::format("{} is not set", provider.api_key_env);
    into_.warnings.push_back(
        {file_, draft.table == nullptr ? 0 : draft.table->line, draft.called("api_key_env"), provider.api_key_env,
         "This provider has no key, so it is left out.",
         fmt::format("Put {}=… into the file .env here, or into the environment.", provider.api_key_env)});
}

void ProviderLoader::take_key(Draft& draft, std::string_view key, const Given& where) {
    ProviderSettings& provider = draft.settings;
    Problem problem{where.file, where.line, where.name.empty() ? draft.called("api_key_file") : where.name, "", "", ""};
    if (is_placeholder_key(key)) {
        provider.left_out = "its key is still the placeholder of an example";
        problem.what =
            fmt::format("This is the placeholder of an example, not a key, so {} is left out.", provider.name);
        problem.remedy = is_nanogpt(provider.url) ? "Put your own key there; https://nano-gpt.com/api makes one."
                                                  : "Put your own key there.";
        into_.warnings.push_back(std::move(problem));
        return;
    }
    if (!is_usable_key(key)) {
        problem.what = "The key holds a blank, a quote or another character that no key has.";
        problem.remedy = "Copy it again, without quotes and on one line.";
        into_.errors.push_back(std::move(problem));
        return;
    }
    provider.api_key = Secret(std::string(key));
    into_.settings.configured = true;
    if (provider.url.tls || is_loopback(provider.url.host)) return;
    into_.warnings.push_back(problem_of(draft.given["base_url"], draft.called("base_url"),
                                        "The key goes over the network in the clear.", "Use https:// if you can."));
}

void ProviderLoader::keep_origins(Draft& draft) {
    const ProviderSettings& provider = draft.settings;
    const std::string section = "provider " + provider.name;
    for (const Field& field : fields()) {
        if (field.section != "provider" || field.name == "name") continue;
        const std::string value = written_value(field.slot(into_.settings, draft.settings));
        into_.settings.origins.push_back({section, std::string(field.name), value == "\"\"" ? "unset" : value,
                                          draft.given[std::string(field.name)].source()});
    }
    into_.settings.origins.push_back({section, "key", provider.api_key.masked(), provider.left_out});
}

void ProviderLoader::check_route() {
    const auto& providers = into_.settings.providers;
    if (!into_.errors.empty()) return;
    if (std::ranges::any_of(providers, [](const ProviderSettings& each) { return each.left_out.empty(); })) return;
    into_.errors.push_back(
        {file_, 0, "", "", "No provider can be used: each of them lacks its key.",
         "Put the key into the file .env here, or add a local Ollama: [[provider]] name = \"ollama\"."});
}

}  // namespace evenkeel

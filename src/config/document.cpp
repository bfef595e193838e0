#include "config/document.hpp"

#include <array>
#include <vector>

#include <fmt/format.h>

#include "config/fields.hpp"
#include "core/json_writer.hpp"

namespace evenkeel {
namespace {

constexpr std::size_t comment_columns = 100;

struct EnvironmentName {
    std::string_view name, help;
};
constexpr std::array<EnvironmentName, 7> environment_names{{
    {"NANOGPT_API_KEY", "your NanoGPT key"},
    {"NANOGPT_API_URL", "where NanoGPT's API begins (default https://nano-gpt.com/api/v1)"},
    {"NANOGPT_MODEL", "the model asked for there (default openai/gpt-4o-mini)"},
    {"OLLAMA_HOST", "where Ollama listens, in every form that Ollama accepts (default 127.0.0.1:11434)"},
    {"OLLAMA_MODEL", "the local model (default llama3.1:8b)"},
    {"EVENKEEL_DATA", "the data directory, as --data"},
    {"EVENKEEL_CONFIG", "the settings file, as --config"},
}};

Slot slot_of(const Field& field) {
    static Settings settings;
    static ProviderSettings provider;
    return field.slot(settings, provider);
}

/// The default as one would write it in the file; empty where there is none.
std::string default_text(const Field& field, std::string_view fallback) {
    if (fallback.empty()) return {};
    Settings settings;
    ProviderSettings provider;
    const Slot slot = field.slot(settings, provider);
    if (!assign(slot, {Written::As::plain, std::string(fallback)}, field.limits)) return {};
    return written_value(slot);
}

std::string table_row(const Field& field) {
    std::string fallback = default_text(field, field.fallback);
    if (!fallback.empty()) fallback = '`' + fallback + '`';
    if (!field.fallback_ollama.empty())
        fallback += (fallback.empty() ? "Ollama: `" : ", Ollama: `") + default_text(field, field.fallback_ollama) + '`';
    const Slot slot = slot_of(field);
    std::string type(type_name(slot));
    if (const std::string limits = limits_text(slot, field.limits); !limits.empty()) type += ", " + limits;
    return fmt::format("| `{}` | {} | {} | {} |\n", field.name, type, fallback.empty() ? "–" : fallback, field.help);
}

/// `text` as comment lines of a TOML file.
std::string commented(std::string_view text) {
    std::string lines = "#";
    std::size_t columns = 1;
    while (!text.empty()) {
        const std::size_t end = text.find(' ');
        const std::string_view word = text.substr(0, end);
        if (columns + 1 + word.size() > comment_columns) {
            lines += "\n#";
            columns = 1;
        }
        lines += fmt::format(" {}", word);
        columns += 1 + word.size();
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return lines + "\n";
}

std::string field_lines(const Field& field, const std::string& value) {
    const std::string limits = limits_text(slot_of(field), field.limits);
    std::string help(field.help);
    if (!limits.empty()) help += fmt::format(" ({})", limits);
    return commented(help) + fmt::format("# {} = {}\n", field.name, value.empty() ? std::string("\"\"") : value);
}

std::string provider_lines() {
    std::string text = "# [[provider]]\n# name = \"nanogpt\"\n# api_key_env = \"NANOGPT_API_KEY\"\n\n";
    text += "# [[provider]]\n# name = \"ollama\"\n# kind = \"ollama\"\n\n";
    text += "# What may stand below each of them:\n#\n";
    for (const Field& field : fields())
        if (field.section == "provider" && field.name != "name" && field.name != "kind")
            text += field_lines(field, default_text(field, field.fallback));
    return text;
}

}  // namespace

std::string settings_markdown() {
    std::string text =
        "# Settings\n\n"
        "<!-- Made from src/config/fields.cpp; a test compares the two. -->\n\n"
        "A value given on the command line goes before one of the environment, that before one of the file `.env` in "
        "the\n"
        "working directory, that before the settings file, that before the default. `evenkeel config show` lists "
        "every\n"
        "value with the place it came from, `evenkeel config init` writes a commented file, `evenkeel config check` "
        "reads\n"
        "it. A name that does not exist, a value out of range or an unreadable key file is an error with file, line "
        "and\n"
        "field, and nothing starts (exit code 78).\n\n"
        "The file is `--config FILE`, else `$EVENKEEL_CONFIG`, else `./evenkeel.toml`, else\n"
        "`$XDG_CONFIG_HOME/evenkeel/evenkeel.toml` (`~/.config/evenkeel/evenkeel.toml`).\n\n"
        "Durations are written `\"250ms\"`, `\"10s\"`, `\"5m\"`, `\"24h\"`, `\"90d\"`; sizes `\"64KiB\"`, `\"16MiB\"`; "
        "rates\n"
        "`\"25/s\"`, `\"600/m\"`.\n\n"
        "## Environment and .env\n\n| name | is |\n|---|---|\n";
    for (const EnvironmentName& each : environment_names) text += fmt::format("| `{}` | {} |\n", each.name, each.help);
    text +=
        "\nEvery other setting outside `[[provider]]` has a name too: `EVENKEEL_`, section, field, as in\n"
        "`EVENKEEL_QUEUE_TTL=12h`. The names of NanoGPT and Ollama also override the file's providers `nanogpt` and "
        "`ollama`.\n";
    for (const Section& section : sections()) {
        const bool list = section.name == "provider";
        text += list ? "\n## [[provider]]\n\n" : fmt::format("\n## [{}]\n\n", section.name);
        text += std::string(section.help) + "\n\n| setting | type | default | meaning |\n|---|---|---|---|\n";
        for (const Field& field : fields())
            if (field.section == section.name) text += table_row(field);
    }
    return text;
}

std::string settings_file() {
    std::string text =
        "# Settings of Evenkeel. Each line below stands for its default; take the # away to change it.\n"
        "# The key does not belong here: put NANOGPT_API_KEY=… into the file .env or into the environment.\n";
    for (const Section& section : sections()) {
        text += "\n" + commented(section.help);
        if (section.name == "provider") {
            text += provider_lines();
            continue;
        }
        text += fmt::format("[{}]\n", section.name);
        for (const Field& field : fields())
            if (field.section == section.name) text += field_lines(field, default_text(field, field.fallback));
    }
    return text;
}

std::string environment_help() {
    std::string text;
    for (const EnvironmentName& each : environment_names) text += fmt::format("  {:<16} {}\n", each.name, each.help);
    return text;
}

std::string settings_json(const Settings& settings) {
    std::string text;
    JsonWriter json(text);
    json.object().member("file", settings.file).member("dotenv", settings.dotenv).name("settings").array();
    for (const SettingOrigin& each : settings.origins)
        json.object()
            .member("section", each.section)
            .member("name", each.name)
            .member("value", each.value)
            .member("source", each.source)
            .end_object();
    json.end_array().end_object();
    return text;
}

}  // namespace evenkeel

#include "config/load.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "config/field_loader.hpp"
#include "config/provider_loader.hpp"
#include "core/text.hpp"
#include "os/files.hpp"

namespace evenkeel {
namespace {

constexpr std::string_view dotenv_file = ".env";
constexpr std::size_t settings_bytes_max = 1024 * 1024;

bool is_absent(const Result<std::string>& file) { return !file && file.error().code == "not_found"; }

void append(std::vector<Problem>& to, const std::vector<Problem>& more) {
    to.insert(to.end(), more.begin(), more.end());
}

/// One run of load_settings.
class Loader {
public:
    explicit Loader(const LoadInputs& inputs) : inputs_(inputs), names_(read_names()) {}

    Loaded run() {
        const TomlFile file = read_settings_file();
        if (!file.problems.empty()) {
            append(loaded_.errors, file.problems);
            return std::move(loaded_);
        }
        check_tables(file);
        load_sections(file);
        load_providers(file);
        warn_of_slips();
        return std::move(loaded_);
    }

private:
    Names read_names() {
        const auto text = inputs_.read_file(std::string(dotenv_file));
        Dotenv dotenv;
        if (text) {
            dotenv = parse_dotenv(*text, dotenv_file);
            loaded_.settings.dotenv = dotenv_file;
            append(loaded_.errors, dotenv.problems);
        } else if (!is_absent(text)) {
            loaded_.errors.push_back(
                {std::string(dotenv_file), 0, "", "", "This file cannot be read.", text.error().detail});
        }
        return Names(inputs_.environment, std::move(dotenv.entries), std::string(dotenv_file));
    }

    TomlFile read_settings_file() {
        if (!inputs_.config_flag.empty()) {
            const Given flag{{Written::As::plain, inputs_.config_flag}, "command line", 0, "--config"};
            return read_named_file(flag);
        }
        if (const auto named = names_.find("EVENKEEL_CONFIG")) return read_named_file(given_by(*named));
        for (const std::string& path : unnamed_places()) {
            const auto text = inputs_.read_file(path);
            if (text) return parse_file(path, *text);
            if (!is_absent(text))
                return unreadable({path, 0, "", "", "This file cannot be read.", text.error().detail});
        }
        return {};
    }

    std::vector<std::string> unnamed_places() const {
        std::vector<std::string> places{"./evenkeel.toml"};
        if (!inputs_.config_directory.empty()) places.push_back(inputs_.config_directory + "/evenkeel.toml");
        return places;
    }

    /// A file that somebody asked for must be there.
    TomlFile read_named_file(const Given& named) {
        const std::string& path = named.written.text;
        const auto text = inputs_.read_file(path);
        if (text) return parse_file(path, *text);
        if (!is_absent(text))
            return unreadable(problem_of(named, "", "This file cannot be read.", text.error().detail));
        return unreadable(problem_of(named, "", "There is no such file.",
                                     "Mend the path, or have one written: evenkeel config init."));
    }

    TomlFile parse_file(const std::string& path, std::string_view text) {
        file_ = path.starts_with("./") ? path.substr(2) : path;
        loaded_.settings.file = file_;
        return parse_toml(text, file_);
    }

    static TomlFile unreadable(Problem problem) {
        TomlFile file;
        file.problems.push_back(std::move(problem));
        return file;
    }

    void complain(int line, std::string field, std::string value, std::string what, std::string remedy) {
        loaded_.errors.push_back({file_, line, std::move(field), std::move(value), std::move(what), std::move(remedy)});
    }

    void check_tables(const TomlFile& file) {
        const auto known = section_names();
        for (const TomlEntry& entry : file.loose) complain_of_loose(entry);
        std::vector<std::string_view> seen;
        for (const TomlTable& table : file.tables) {
            const std::string called = table.is_element ? "[[" + table.name + "]]" : "[" + table.name + "]";
            if (std::ranges::find(known, table.name) == known.end())
                complain(table.line, called, "", "There is no such section.",
                         did_you_mean(table.name, known, "See `evenkeel config show` for all of them."));
            else if (table.name == "provider" && !table.is_element)
                complain(table.line, called, "", "Providers are a list.", "Write [[provider]], with two brackets.");
            else if (table.name != "provider" && table.is_element)
                complain(table.line, called, "", "This section stands once, with single brackets.",
                         fmt::format("Write [{}].", table.name));
            else if (table.name != "provider")
                check_keys(table);
        }
    }

    void complain_of_loose(const TomlEntry& entry) {
        for (const Section& section : sections())
            if (find_field(section.name, entry.key) != nullptr && section.name != "provider")
                return complain(entry.line, entry.key, entry.value.shown(), "This setting stands outside its section.",
                                fmt::format("Put it below [{}].", section.name));
        complain(entry.line, entry.key, "", "There is no such setting outside a section.",
                 "See `evenkeel config show` for all of them.");
    }

    void check_keys(const TomlTable& table) {
        const auto known = field_names(table.name);
        for (const TomlEntry& entry : table.entries)
            if (std::ranges::find(known, entry.key) == known.end())
                complain(entry.line, fmt::format("[{}] {}", table.name, entry.key), entry.value.shown(),
                         "There is no such setting.",
                         did_you_mean(entry.key, known, "See `evenkeel config show` for all of them."));
    }

    void load_sections(const TomlFile& file) {
        ProviderSettings unused;
        Settings& settings = loaded_.settings;
        for (const Field& field : fields()) {
            if (field.section == "provider") continue;
            const std::string called = fmt::format("[{}] {}", field.section, field.name);
            const Slot slot = field.slot(settings, unused);
            const Given standing = assign_given(field, slot, called, weakest_first(field, file), loaded_.errors);
            const std::string value = written_value(slot);
            settings.origins.push_back({std::string(field.section), std::string(field.name),
                                        value == "\"\"" ? "unset" : value, standing.source()});
        }
        check_listen(file);
        if (settings.storage.dir.empty())
            complain(0, "[storage] dir", "", "No home directory is known, so there is no place for the data.",
                     "Give one: --data DIR, or EVENKEEL_DATA=DIR.");
        check_order(settings.queue.retry_delay_min, settings.queue.retry_delay_max, "[queue] retry_delay_min");
    }

    void check_order(Millis low, Millis high, std::string field) {
        if (low > high)
            complain(0, std::move(field), '"' + format_duration(low) + '"', "This is more than its _max.",
                     "Make it smaller, or the other larger.");
    }

    void check_listen(const TomlFile& file) {
        const Field& field = *find_field("server", "listen");
        const Given where = weakest_first(field, file).back();
        const auto url = parse_base_url("http://" + loaded_.settings.server.listen);
        if (url && url->path.empty()) return;
        loaded_.errors.push_back(problem_of(where, "[server] listen", "This is not an address and a port.",
                                            "Write for example \"127.0.0.1:8484\" or \"[::1]:8484\"."));
    }

    std::vector<Given> weakest_first(const Field& field, const TomlFile& file) const {
        const bool is_dir = field.section == "storage" && field.name == "dir";
        std::string fallback(field.fallback);
        if (is_dir) fallback = inputs_.state_directory;
        std::vector<Given> all;
        if (!fallback.empty()) all.push_back({{Written::As::plain, std::move(fallback)}, "", 0, ""});
        for (const TomlTable& table : file.tables)
            for (const TomlEntry& entry : table.entries)
                if (table.name == field.section && entry.key == field.name)
                    all.push_back({entry.value, file_, entry.line, ""});
        if (const auto named = names_.find(environment_name(field))) all.push_back(given_by(*named));
        if (is_dir && !inputs_.data_flag.empty())
            all.push_back({{Written::As::plain, inputs_.data_flag}, "command line", 0, "--data"});
        return all;
    }

    void load_providers(const TomlFile& file) {
        std::vector<const TomlTable*> tables;
        for (const TomlTable& table : file.tables)
            if (table.name == "provider" && table.is_element) tables.push_back(&table);
        loaded_.settings.configured = !tables.empty() || names_.any_with_prefix("OLLAMA_");
        ProviderLoader(inputs_, names_, file_, loaded_).load(tables);
        check_hedge(file);
    }

    void check_hedge(const TomlFile& file) {
        const std::string& hedge = loaded_.settings.route.hedge;
        const auto is_named = [&](const ProviderSettings& provider) { return provider.name == hedge; };
        if (hedge == "off" || hedge == "cloud" || std::ranges::any_of(loaded_.settings.providers, is_named)) return;
        loaded_.errors.push_back(problem_of(weakest_first(*find_field("route", "hedge"), file).back(), "[route] hedge",
                                            "There is no such provider.",
                                            "Write \"off\", \"cloud\" or the name of a [[provider]]."));
    }

    void warn_of_slips() {
        std::vector<std::string> known{"EVENKEEL_CONFIG", "NANOGPT_API_KEY", "NANOGPT_API_URL", "NANOGPT_MODEL"};
        for (const Field& field : fields())
            if (std::string name = environment_name(field); !name.empty()) known.push_back(std::move(name));
        for (const ProviderSettings& provider : loaded_.settings.providers) known.push_back(provider.api_key_env);
        append(loaded_.warnings, names_.likely_slips(known));
    }

    const LoadInputs& inputs_;
    Loaded loaded_;
    Names names_;
    std::string file_;
};

}  // namespace

LoadInputs inputs_of_process(const os::Environment& environment, std::string config_flag, std::string data_flag) {
    LoadInputs inputs;
    inputs.environment = environment.all();
    inputs.read_file = [](const std::string& path) { return os::read_file(path, settings_bytes_max); };
    inputs.read_secret_file = os::read_secret_file;
    inputs.state_directory = os::state_directory(environment);
    inputs.config_directory = os::config_directory(environment);
    inputs.config_flag = std::move(config_flag);
    inputs.data_flag = std::move(data_flag);
    return inputs;
}

Loaded load_settings(const LoadInputs& inputs) { return Loader(inputs).run(); }

}  // namespace evenkeel

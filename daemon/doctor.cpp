#include "daemon/doctor.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "core/exit_code.hpp"
#include "core/json_writer.hpp"
#include "core/text.hpp"

namespace evenkeel {
namespace {

using Verdict = Check::Verdict;
using terminal::Style;

constexpr Millis probe_time{5'000};
/// reliability.md T7: older ones leak memory to anybody who can reach them (CVE-2026-7482).
constexpr std::string_view ollama_safe_version = "0.17.1";
/// reliability.md F6: from here on two writers no longer corrupt the log.
constexpr std::string_view sqlite_fixed_version = "3.51.3";
constexpr int found_something_bad = 1;
/// A clock that says less than this was never set. The year this program was written.
constexpr WallTime clock_earliest = std::chrono::sys_days{std::chrono::year{2026} / 1 / 1};
constexpr WallTime clock_latest = std::chrono::sys_days{std::chrono::year{2100} / 1 / 1};

std::array<int, 3> numbers_of(std::string_view version) {
    std::array<int, 3> numbers{};
    if (version.starts_with('v')) version.remove_prefix(1);
    for (int& number : numbers) {
        const auto [end, error] = std::from_chars(version.data(), version.data() + version.size(), number);
        version.remove_prefix(static_cast<std::size_t>(end - version.data()));
        if (error != std::errc{} || !version.starts_with('.')) break;
        version.remove_prefix(1);
    }
    return numbers;
}

/// "llama3.1" means "llama3.1:latest" to Ollama.
bool offers(const std::vector<std::string>& models, const ProviderSettings& provider) {
    const std::string& wanted = provider.model;
    return std::ranges::any_of(models, [&](const std::string& model) {
        return model == wanted || (provider.is_ollama() && model == wanted + ":latest");
    });
}

/// A NanoGPT id may end in options such as ":online", which the list does not have.
std::string without_options(const std::string& model) { return model.substr(0, model.find(':')); }

class Doctor {
public:
    Doctor(const Loaded& loaded, DoctorProbes& probes) : loaded_(loaded), probes_(probes) {}

    Task<std::vector<Check>> run() {
        check_settings();
        if (loaded_.errors.empty()) {
            for (const ProviderSettings& provider : loaded_.settings.providers) {
                check_key(provider);
                if (provider.left_out.empty()) co_await check_reach(provider);
            }
            check_listen();
            co_await check_data();
        }
        check_sqlite();
        check_clock();
        co_return std::move(checks_);
    }

private:
    void say(Verdict verdict, std::string name, std::string seen, std::string remedy = {}) {
        checks_.push_back({verdict, std::move(name), std::move(seen), std::move(remedy)});
    }

    void check_settings() {
        const Settings& settings = loaded_.settings;
        std::string seen = settings.file.empty() ? "no settings file, which is fine" : "read from " + settings.file;
        if (!settings.dotenv.empty()) seen += settings.file.empty() ? "; .env was read" : " and .env";
        if (loaded_.errors.empty()) say(Verdict::ok, "settings", seen);
        for (const Problem& each : loaded_.errors) say(Verdict::bad, "settings", place(each), each.remedy);
        for (const Problem& each : loaded_.warnings) say(Verdict::warn, "settings", place(each), each.remedy);
        if (loaded_.errors.empty() && !settings.configured)
            say(Verdict::warn, "settings", "no key and no Ollama is set up: chat can only practise",
                "Put NANOGPT_API_KEY=… into .env (https://nano-gpt.com/api), or install Ollama and run: ollama pull "
                "llama3.1:8b");
    }

    static std::string place(const Problem& problem) {
        std::string text = problem.file;
        if (problem.line > 0) text += fmt::format(", line {}", problem.line);
        if (!problem.field.empty()) text += (text.empty() ? "" : ": ") + problem.field;
        return text + (text.empty() ? "" : ": ") + problem.what;
    }

    void check_key(const ProviderSettings& provider) {
        const std::string name = provider.name + ": key";
        if (!provider.left_out.empty())
            say(Verdict::bad, name, provider.left_out + ", so it is left out",
                fmt::format("Put {}=… into .env here, or into the environment.",
                            provider.api_key_env.empty() ? std::string("its key") : provider.api_key_env));
        else if (!provider.api_key.empty())
            say(Verdict::ok, name,
                "set (" + provider.api_key.masked() + "); only a question proves that it is accepted");
    }

    Task<void> check_reach(const ProviderSettings& provider) {
        const std::string where = to_string(provider.url);
        const auto models = co_await probes_.models(provider, probe_time);
        if (!models) {
            say(Verdict::bad, provider.name + ": reachable", fmt::format("{}: {}", where, describe(models.error())),
                remedy_for_silence(provider, models.error()));
            co_return;
        }
        say(Verdict::ok, provider.name + ": reachable",
            fmt::format("{} lists {}", where, counted(static_cast<std::int64_t>(models->size()), "model", "models")));
        check_model(provider, *models);
        if (provider.is_ollama()) co_await check_ollama(provider);
    }

    static std::string remedy_for_silence(const ProviderSettings& provider, const Error& error) {
        if (error.cls == ErrorClass::account) return "Check the key, and the certificate of the host.";
        if (provider.is_ollama())
            return is_loopback(provider.url.host)
                       ? "Start it: ollama serve (or install it: https://ollama.com/download)."
                       : "Start it there, let it listen (OLLAMA_HOST=0.0.0.0 ollama serve), or mend OLLAMA_HOST here.";
        if (provider.url.host == "api.nanogpt.io")
            return "Write NANOGPT_API_URL=https://nano-gpt.com/api/v1, or leave it out.";
        return "Check base_url and the network.";
    }

    void check_model(const ProviderSettings& provider, const std::vector<std::string>& models) {
        const std::string name = provider.name + ": model";
        const bool nanogpt_option =
            !provider.is_ollama() && std::ranges::find(models, without_options(provider.model)) != models.end();
        if (offers(models, provider) || nanogpt_option) return say(Verdict::ok, name, provider.model + " is there");
        if (provider.is_ollama())
            return say(Verdict::bad, name, provider.model + " is not pulled", "Run: ollama pull " + provider.model);
        const std::vector<std::string_view> known(models.begin(), models.end());
        say(Verdict::bad, name, provider.model + " is not in its list",
            did_you_mean(provider.model, known, "Choose one of its list, as NANOGPT_MODEL or model."));
    }

    Task<void> check_ollama(const ProviderSettings& provider) {
        const auto found = co_await probes_.ollama(provider, probe_time);
        if (!found) {
            say(Verdict::warn, provider.name + ": version", describe(found.error()), "Is this really an Ollama?");
            co_return;
        }
        if (is_older(found->version, ollama_safe_version))
            say(Verdict::warn, provider.name + ": version",
                found->version + " leaks memory to whoever can reach it (CVE-2026-7482)",
                fmt::format("Update Ollama to {} or newer.", ollama_safe_version));
        else
            say(Verdict::ok, provider.name + ": version", found->version);
        if (found->model_window && *found->model_window < provider.context_tokens)
            say(Verdict::warn, provider.name + ": window",
                fmt::format("context_tokens is {}, but {} was made for {}", grouped(provider.context_tokens),
                            provider.model, grouped(*found->model_window)),
                fmt::format("Set context_tokens = {}.", *found->model_window));
        else
            say(Verdict::ok, provider.name + ": window",
                fmt::format("{} tokens are asked for (num_ctx)", grouped(provider.context_tokens)));
        if (!is_loopback(provider.url.host) && !provider.url.tls)
            say(Verdict::warn, provider.name + ": exposure",
                fmt::format("it listens beyond its own machine ({}), and Ollama asks nobody for a key",
                            provider.url.host),
                "Let it listen on loopback only, or put it behind a proxy that checks who asks.");
    }

    void check_listen() {
        const std::string& listen = loaded_.settings.server.listen;
        const auto url = parse_base_url("http://" + listen);
        if (url && !is_loopback(url->host))
            say(Verdict::warn, "server: listen", listen + " lets other machines in",
                "Use 127.0.0.1 unless they are meant to come in.");
        else
            say(Verdict::ok, "server: listen", listen);
    }

    Task<void> check_data() {
        const StorageSettings& storage = loaded_.settings.storage;
        const DataFindings found = co_await probes_.data(storage.dir);
        if (found.not_writable)
            say(Verdict::bad, "data: directory", fmt::format("{}: {}", found.directory, *found.not_writable),
                "Give a directory that is yours: --data DIR or EVENKEEL_DATA=DIR.");
        else
            say(Verdict::ok, "data: directory", found.directory + " is writable");
        if (found.on_network)
            say(Verdict::bad, "data: file system",
                "it lies on another machine, where locks and fsync cannot be relied on",
                "Move the data to a local disk.");
        if (found.free_bytes) {
            const bool low = *found.free_bytes < storage.disk_free_min.bytes;
            say(low ? Verdict::bad : Verdict::ok, "data: disk",
                spoken_size(static_cast<std::int64_t>(*found.free_bytes)) + " free",
                low ? "Make room: with a full disk no question can be accepted." : "");
        }
        say(Verdict::ok, "data: owner",
            found.owner ? "worked by " + *found.owner
                        : "nobody works the queue now; evenkeel serve does, and so does an open chat");
        if (found.damage)
            say(Verdict::bad, "data: soundness", *found.damage,
                "Put a copy that evenkeel backup made in its place, or move it away to begin anew.");
    }

    void check_sqlite() {
        const std::string version = probes_.sqlite_version();
        // One connection writes and checkpoints, so the fault cannot strike here: this is a note, no warning.
        say(Verdict::ok, "SQLite",
            is_older(version, sqlite_fixed_version)
                ? version +
                      "; its WAL-reset fault needs two writers, and Evenkeel has one. Never open "
                      "the database with another program while it runs"
                : version);
    }

    void check_clock() {
        const WallTime now = probes_.wall();
        const bool sane = now >= clock_earliest && now < clock_latest;
        say(sane ? Verdict::ok : Verdict::bad, "clock", format_wall(now),
            sane ? "" : "Set the clock (timedatectl set-ntp true).");
    }

    const Loaded& loaded_;
    DoctorProbes& probes_;
    std::vector<Check> checks_;
};

Style style_of(Verdict verdict) noexcept {
    return verdict == Verdict::ok ? Style::dim : verdict == Verdict::warn ? Style::warning : Style::error;
}

std::string checks_json(const std::vector<Check>& checks, bool sound) {
    std::string text;
    JsonWriter json(text);
    json.object().member("sound", sound).name("checks").array();
    for (const Check& each : checks)
        json.object()
            .member("name", each.name)
            .member("verdict", to_string(each.verdict))
            .member("seen", each.seen)
            .member("remedy", each.remedy)
            .end_object();
    json.end_array().end_object();
    return text;
}

std::string check_text(const Check& check, std::size_t name_columns, const terminal::Screen& screen) {
    const std::string margin(name_columns + 8, ' ');
    const std::string seen = wrapped(check.seen, static_cast<std::size_t>(screen.columns()), margin);
    std::string text =
        terminal::styled(fmt::format("{:<4}", to_string(check.verdict)), style_of(check.verdict), screen.colours());
    text += fmt::format("  {:<{}}  {}", check.name, name_columns, seen.substr(std::min(margin.size(), seen.size())));
    if (!check.remedy.empty()) {
        const std::string remedy = wrapped("→ " + check.remedy, static_cast<std::size_t>(screen.columns()), margin);
        text += terminal::styled(remedy, Style::bold, screen.colours());
    }
    return text;
}

}  // namespace

std::string_view to_string(Verdict verdict) noexcept {
    constexpr std::array<std::string_view, 3> words{"ok", "warn", "bad"};
    return words[static_cast<std::size_t>(verdict)];
}

bool is_older(std::string_view text, std::string_view than) {
    return !text.empty() && numbers_of(text) < numbers_of(than);
}

Task<std::vector<Check>> examine(const Loaded& loaded, DoctorProbes& probes) {
    Doctor doctor(loaded, probes);
    co_return co_await doctor.run();
}

int show_checks(const std::vector<Check>& checks, bool settings_are_good, Output& output) {
    const auto bad = std::ranges::count(checks, Verdict::bad, &Check::verdict);
    const auto warn = std::ranges::count(checks, Verdict::warn, &Check::verdict);
    if (output.json) {
        print_json(checks_json(checks, bad == 0), output);
    } else {
        std::size_t name_columns = 0;
        for (const Check& each : checks) name_columns = std::max(name_columns, each.name.size());
        for (const Check& each : checks) output.out.write(check_text(each, name_columns, output.out));
        output.out.write(bad + warn == 0 ? std::string("\nAll is well.\n")
                                         : fmt::format("\n{} to mend, {} to look at.\n", bad, warn));
    }
    if (!settings_are_good) return to_int(ExitCode::configuration);
    return bad == 0 ? to_int(ExitCode::answered) : found_something_bad;
}

}  // namespace evenkeel

#include "daemon/practice_mode.hpp"

#include <fmt/format.h>

#include "config/load.hpp"
#include "core/text.hpp"

namespace evenkeel {
namespace {

constexpr std::string_view settings_name = "practice.toml";

/// Practice goes through the same table of settings as everything else.
std::string settings_text(practice::PracticeStage& stage, const std::string& directory, const PracticeTimes& times) {
    const auto provider = [&](std::string_view name, std::string_view kind, const std::string& url) {
        return fmt::format(
            "[[provider]]\nname = \"{}\"\nkind = \"{}\"\nbase_url = \"{}\"\nmodel = \"practice\"\nlocal = {}\n"
            "first_content_timeout = \"{}\"\nidle_timeout = \"{}\"\nprice_input = {}\nprice_output = {}\n",
            name, kind, url, name == "local", format_duration(times.first_content), format_duration(times.idle),
            name == "local" ? "0.0" : "0.15", name == "local" ? "0.0" : "0.60");
    };
    return fmt::format("[storage]\ndir = \"{}\"\n", directory) + provider("cloud", "openai", stage.cloud().base_url()) +
           provider("local", "ollama", stage.local().base_url());
}

}  // namespace

Result<std::unique_ptr<PracticeMode>> PracticeMode::start(Env env, Network& network, PracticeTimes times) {
    auto directory = os::TemporaryDirectory::make("", "evenkeel-practice-");
    if (!directory) return fail(directory.error());
    std::unique_ptr<PracticeMode> mode(new PracticeMode(std::move(*directory)));

    practice::StageOptions options;
    options.cloud.pace = options.local.pace = times.token_pace;
    mode->stage_ = std::make_unique<practice::PracticeStage>(env, network, options);
    if (const Result<void> started = mode->stage_->start(); !started) return fail(started.error());

    LoadInputs inputs;
    inputs.config_flag = settings_name;
    inputs.read_file = [text = settings_text(*mode->stage_, mode->directory_.path(), times)](
                           const std::string& path) -> Result<std::string> {
        if (path == settings_name) return text;
        return own_fault(ErrorClass::storage, "no such file", "not_found");
    };
    inputs.read_secret_file = [](const std::string&) -> Result<Secret> { return Secret(); };
    Loaded loaded = load_settings(inputs);
    if (!loaded.errors.empty())
        return own_fault(ErrorClass::internal, "practice settings: " + to_text(loaded.errors, "error"));
    mode->settings_ = std::move(loaded.settings);
    return mode;
}

std::string PracticeMode::outage(std::string_view arguments) {
    const std::size_t blank = arguments.find(' ');
    const std::string_view which = arguments.substr(0, blank);
    const std::string_view state = blank == std::string_view::npos ? "" : trimmed(arguments.substr(blank));
    if ((which != "cloud" && which != "local") || (state != "on" && state != "off"))
        return "Write /outage cloud on, /outage local on, or the same with off.";
    practice::PracticeProvider& provider = which == "cloud" ? stage_->cloud() : stage_->local();
    provider.always({.fault = state == "on" ? practice::Fault::refuse : practice::Fault::healthy});
    return fmt::format("The practice {} {}.", which == "cloud" ? "cloud" : "local model",
                       state == "on" ? "is down now: ask something" : "is up again");
}

}  // namespace evenkeel

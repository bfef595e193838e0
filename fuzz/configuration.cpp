// Settings, .env and environment of every kind: all that is wrong is told, nothing that is told or shown holds a
// secret.
#include <array>
#include <map>
#include <string>

#include "config/document.hpp"
#include "config/load.hpp"
#include "fuzz/fuzz.hpp"

namespace evenkeel::fuzz {
namespace {

constexpr std::string_view canary = "sk-canary-7f3a";

void check_words(const std::vector<Problem>& problems) {
    const std::string text = to_text(problems, "error");
    require(text.find(canary) == std::string::npos, "a secret stands in a message");
    if (!problems.empty()) require(!text.empty(), "a problem without words");
}

}  // namespace

/// The input is a settings file, then NUL, a .env file, NUL, the value of OLLAMA_HOST.
void fuzz_one(std::string_view input) {
    // What the file itself calls a name may stand in messages.
    if (input.find(canary.substr(0, canary.size() / 2)) != std::string_view::npos) return;
    std::array<std::string, 3> parts;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const std::size_t end = i + 1 < parts.size() ? std::min(input.find('\0'), input.size()) : input.size();
        parts[i] = input.substr(0, end);
        input.remove_prefix(std::min(end + 1, input.size()));
    }
    LoadInputs inputs;
    inputs.environment = {{"NANOGPT_API_KEY", std::string(canary)}};
    if (parts[2].find('\0') == std::string::npos) inputs.environment.emplace("OLLAMA_HOST", parts[2]);
    inputs.read_file = [&](const std::string& path) -> Result<std::string> {
        if (path.ends_with("evenkeel.toml")) return parts[0];
        if (path.ends_with(".env")) return parts[1];
        return own_fault(ErrorClass::storage, "no such file", "not_found");
    };
    inputs.read_secret_file = [](const std::string&) -> Result<Secret> { return Secret(std::string(canary)); };
    inputs.state_directory = "/state";
    inputs.config_directory = "/config";
    const Loaded loaded = load_settings(inputs);
    check_words(loaded.errors);
    check_words(loaded.warnings);
    if (!loaded.errors.empty()) return;
    require(settings_json(loaded.settings).find(canary) == std::string::npos, "a secret stands in `config show`");
    require(!loaded.settings.providers.empty(), "no error, and no provider");
    for (const ProviderSettings& provider : loaded.settings.providers)
        require(!provider.name.empty() && provider.connect_timeout > Millis{0}, "a provider out of its range");
}

}  // namespace evenkeel::fuzz

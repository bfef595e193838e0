#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/load.hpp"
#include "core/task.hpp"
#include "daemon/render.hpp"

namespace evenkeel {

/// One thing the doctor looked at.
struct Check {
    enum class Verdict : std::uint8_t { ok, warn, bad };
    Verdict verdict = Verdict::ok;
    std::string name;    ///< "nanogpt: key".
    std::string seen;    ///< What was found, one sentence.
    std::string remedy;  ///< How to mend it; empty where nothing is to be done.
};
std::string_view to_string(Check::Verdict verdict) noexcept;

/// What is known of the data directory without opening its database.
struct DataFindings {
    std::string directory;
    std::optional<std::string> not_writable;  ///< Why not; empty: it is writable.
    std::optional<std::uint64_t> free_bytes;
    bool on_network = false;           ///< Of another machine.
    std::optional<std::string> owner;  ///< "evenkeel serve (process 42)"; empty: nobody.
    std::optional<std::string>
        damage;  ///< The first damage that a check of the store found; empty: none, or not looked.
};

/// How an Ollama looks from outside.
struct OllamaFindings {
    std::string version;                       ///< "0.17.4".
    std::optional<std::int64_t> model_window;  ///< What the model was trained for, where it says so.
};

/// The world of the doctor. All outlive its work. Errors of the probes are shown as they are.
class DoctorProbes {
public:
    virtual ~DoctorProbes() = default;
    /// The models a provider lists now (Upstream::models), within `within`.
    virtual Task<Result<std::vector<std::string>>> models(const ProviderSettings& provider, Millis within) = 0;
    /// Errors: as HttpSender::send.
    virtual Task<Result<OllamaFindings>> ollama(const ProviderSettings& provider, Millis within) = 0;
    virtual Task<DataFindings> data(const std::string& directory) = 0;
    virtual std::string sqlite_version() = 0;  ///< "3.40.1".
    virtual WallTime wall() = 0;
};

/// Looks at everything, in the order in which a person would mend it. Takes at most 5 s per provider.
Task<std::vector<Check>> examine(const Loaded& loaded, DoctorProbes& probes);
/// The checks as lines for people or as JSON {"sound", "checks":[{name, verdict, seen, remedy}]}. 0, or 1 where one is
/// bad, or 78 where the settings are.
int show_checks(const std::vector<Check>& checks, bool settings_are_good, Output& output);

/// Whether version `text` ("0.17.1", "v0.9.0-rc1") is older than `than`. False where it is no version.
bool is_older(std::string_view text, std::string_view than);

}  // namespace evenkeel

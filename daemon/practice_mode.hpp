#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "config/settings.hpp"
#include "core/env.hpp"
#include "net/connection.hpp"
#include "os/temporary_directory.hpp"
#include "practice/practice_stage.hpp"

namespace evenkeel {

/// How patient the engine is with practice providers: a rehearsal is shorter than a real outage.
struct PracticeTimes {
    Millis first_content{2'000};
    Millis idle{2'000};
    Millis token_pace{15};
};

/// Practice providers on loopback and settings that name them as "cloud" and "local", with the data in a temporary
/// directory that goes with this object. Env and network outlive it.
class PracticeMode {
public:
    /// Errors: storage (no temporary directory), and as Network::listen.
    static Result<std::unique_ptr<PracticeMode>> start(Env env, Network& network, PracticeTimes times);
    ~PracticeMode() = default;
    PracticeMode(const PracticeMode&) = delete;
    PracticeMode& operator=(const PracticeMode&) = delete;

    Settings& settings() noexcept { return settings_; }
    practice::PracticeStage& stage() noexcept { return *stage_; }
    /// `/outage cloud on`: breaks or mends a provider; gives what to tell the person.
    std::string outage(std::string_view arguments);

private:
    explicit PracticeMode(os::TemporaryDirectory directory) : directory_(std::move(directory)) {}
    os::TemporaryDirectory directory_;
    std::unique_ptr<practice::PracticeStage> stage_;
    Settings settings_;
};

}  // namespace evenkeel

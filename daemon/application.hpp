#pragma once
#include <memory>
#include <optional>
#include <string>

#include "config/load.hpp"
#include "control/session.hpp"
#include "daemon/cli.hpp"
#include "daemon/console.hpp"
#include "daemon/practice_mode.hpp"
#include "daemon/process.hpp"
#include "daemon/render.hpp"

namespace evenkeel {

/// One run of the program: what all commands share. Made once the command line is understood.
class Application {
public:
    Application(Process& process, CommonFlags flags);

    Process& process() noexcept { return process_; }
    Env env() noexcept { return process_.env(); }
    const CommonFlags& flags() const noexcept { return flags_; }
    Console& out() noexcept { return out_; }
    Console& err() noexcept { return err_; }
    Output output();

    /// Reads the settings. Errors and warnings stay in `loaded`.
    void read_settings();
    /// The same, and tells what is wrong; false with any error: nothing may start (exit 78).
    bool load();
    const Loaded& loaded() const noexcept { return loaded_; }
    const Settings& settings() const noexcept { return practice_ ? practice_->settings() : loaded_.settings; }
    /// "nanogpt: NANOGPT_API_KEY is not set", one for each provider that is not part of the route.
    std::vector<std::string> left_out() const;

    /// Nothing is configured, and no Ollama answers at its default place.
    Task<bool> lacks_providers();
    /// From here on practice providers answer, and the data lie in a temporary directory. Errors: storage.
    Result<void> use_practice(PracticeTimes times = {});
    PracticeMode* practice() noexcept { return practice_.get(); }

    /// The desk of whoever owns the data. Errors: storage, transient (owner faults).
    /// `works_queue` false: should it become the owner, nothing waiting is worked meanwhile. `port`: it also serves the
    /// HTTP API, and here stands where; outlives the session.
    Task<Result<Session*>> open_session(std::string command, bool works_queue = true, std::uint16_t* port = nullptr);
    /// In order; does nothing where none was opened.
    Task<void> close_session();
    /// Who will work the queue once this process has ended: a sentence.
    std::string who_answers() const;

private:
    Process& process_;
    CommonFlags flags_;
    Console out_, err_;
    Loaded loaded_;
    std::unique_ptr<PracticeMode> practice_;
    std::unique_ptr<OwnerGate> gate_;
    std::unique_ptr<Session> session_;
};

}  // namespace evenkeel

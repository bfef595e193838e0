#pragma once
#include <memory>
#include <string>

#include "core/async.hpp"
#include "core/env.hpp"
#include "daemon/log_notes.hpp"
#include "net/fd_watch.hpp"
#include "net/loop.hpp"
#include "net/network.hpp"
#include "os/clock.hpp"
#include "os/entropy.hpp"
#include "os/environment.hpp"
#include "os/signals.hpp"

namespace evenkeel {

/// What a process has once: clock, chance, loop, network, notes, signals. Made first, ends last. The only such objects
/// in the program; everything else gets them as an Env.
class Process {
public:
    /// Errors: internal (no file descriptors left).
    static Result<std::unique_ptr<Process>> start(os::Environment environment);
    /// The same inside somebody else's program, whose signals are its own business.
    static Result<std::unique_ptr<Process>> start_embedded(os::Environment environment);
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    const os::Environment& environment() const noexcept { return environment_; }
    Loop& loop() noexcept { return loop_; }
    Network& network() noexcept { return *network_; }
    Env env() noexcept { return Env{loop_, random_, *notes_}; }
    /// From now on notes go there. Before it they go to standard error, alarms only.
    void log_to(const LogOptions& options);

    /// Pulsed at each Ctrl-C.
    Event& interrupt() noexcept { return interrupt_; }
    /// Set at SIGTERM, and when the terminal closes.
    Event& stop() noexcept { return stop_; }
    /// Pulsed at SIGHUP of a process without a terminal.
    Event& reload() noexcept { return reload_; }

private:
    Process(os::Environment environment, std::optional<os::Signals> signals);
    static Task<void> read_signals(Process& self);
    void on_signal(os::Signal signal);

    /// Notes whose target can change: what was built early keeps a reference to this.
    class SwitchedNotes final : public Notes {
    public:
        SwitchedNotes() : target(make_log_notes({.level = "alarm"})) {}
        void note(const Note& note) noexcept override { target->note(note); }
        std::unique_ptr<Notes> target;
    };

    os::Environment environment_;
    os::SystemClock clock_;
    os::SystemRandom random_;
    std::optional<os::Signals> signals_;
    Loop loop_;
    std::unique_ptr<SwitchedNotes> notes_;
    std::unique_ptr<Network> network_;
    const bool on_terminal_;  ///< As it was at the start: a terminal that has closed is none any more.
    Event interrupt_, stop_, reload_;
    std::optional<FdWatch> signal_watch_;
    TaskGroup tasks_;
};

/// The next bytes of standard input; empty at its end.
Task<Result<std::string>> read_standard_input(FdWatch& watch);

}  // namespace evenkeel

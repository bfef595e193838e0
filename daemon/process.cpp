#include "daemon/process.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>

#include "os/terminal.hpp"

namespace evenkeel {

Result<std::unique_ptr<Process>> Process::start(os::Environment environment) {
    auto signals = os::Signals::take_over();
    if (!signals) return fail(signals.error());
    return std::unique_ptr<Process>(new Process(std::move(environment), std::move(*signals)));
}

Result<std::unique_ptr<Process>> Process::start_embedded(os::Environment environment) {
    return std::unique_ptr<Process>(new Process(std::move(environment), std::nullopt));
}

Process::Process(os::Environment environment, std::optional<os::Signals> signals)
    : environment_(std::move(environment)),
      signals_(std::move(signals)),
      loop_(clock_),
      notes_(std::make_unique<SwitchedNotes>()),
      network_(make_socket_network(Env{loop_, random_, *notes_}, loop_)),
      on_terminal_(os::is_terminal(os::standard_input)),
      interrupt_(loop_),
      stop_(loop_),
      reload_(loop_),
      tasks_(loop_) {
    if (!signals_) return;
    signal_watch_.emplace(loop_, signals_->fd());
    tasks_.spawn(read_signals(*this));
}

void Process::log_to(const LogOptions& options) { notes_->target = make_log_notes(options); }

Task<void> Process::read_signals(Process& self) {
    while (true) {
        co_await self.signal_watch_->readable();
        while (const auto signal = self.signals_->next()) self.on_signal(*signal);
    }
}

void Process::on_signal(os::Signal signal) {
    switch (signal) {
        case os::Signal::interrupt: return interrupt_.pulse();
        case os::Signal::terminate: return stop_.set();
        case os::Signal::hang_up:
            // A closed terminal ends a chat and leaves its questions queued; a daemon is told to read its settings.
            if (on_terminal_)
                stop_.set();
            else
                reload_.pulse();
            return;
        case os::Signal::terminal_resized: return;
    }
}

Task<Result<std::string>> read_standard_input(FdWatch& watch) {
    std::array<char, 16 * 1024> buffer{};
    while (true) {
        co_await watch.readable();
        const ssize_t count = ::read(os::standard_input, buffer.data(), buffer.size());
        if (count >= 0) co_return std::string(buffer.data(), static_cast<std::size_t>(count));
        if (errno != EAGAIN && errno != EINTR)
            co_return own_fault(ErrorClass::internal, "standard input cannot be read", "stdin");
    }
}

}  // namespace evenkeel

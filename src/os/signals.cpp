#include "os/signals.hpp"

#include <sys/signalfd.h>

#include <cerrno>
#include <system_error>

namespace evenkeel::os {

Result<Signals> Signals::take_over() {
    sigset_t wanted, before;
    sigemptyset(&wanted);
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGWINCH}) sigaddset(&wanted, number);
    UniqueFd fd(::signalfd(-1, &wanted, SFD_NONBLOCK | SFD_CLOEXEC));
    if (!fd)
        return own_fault(ErrorClass::internal,
                         "cannot watch signals: " + std::generic_category().message(errno) + "; raise ulimit -n");
    ::pthread_sigmask(SIG_BLOCK, &wanted, &before);
    std::signal(SIGPIPE, SIG_IGN);
    return Signals(std::move(fd), before);
}

Signals::~Signals() {
    if (fd_) ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

std::optional<Signal> Signals::next() noexcept {
    signalfd_siginfo info{};
    if (::read(fd_.get(), &info, sizeof info) != sizeof info) return std::nullopt;
    switch (info.ssi_signo) {
        case SIGINT: return Signal::interrupt;
        case SIGTERM: return Signal::terminate;
        case SIGHUP: return Signal::hang_up;
        default: return Signal::terminal_resized;
    }
}

}  // namespace evenkeel::os

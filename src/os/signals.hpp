#pragma once
#include <csignal>
#include <cstdint>
#include <optional>

#include "core/result.hpp"
#include "core/unique_fd.hpp"

namespace evenkeel::os {

/// The signals that Evenkeel answers to.
enum class Signal : std::uint8_t {
    interrupt,         ///< INT: Ctrl-C.
    terminate,         ///< TERM: a service manager or a person ends us.
    hang_up,           ///< HUP: the terminal closed, or "reload".
    terminal_resized,  ///< WINCH.
};

/// Turns signals into something to read: from here on they interrupt nothing. Make it before the first thread starts
/// (threads inherit the mask). SIGPIPE is ignored for good, so that a peer that left is an error and no death. The
/// destructor gives the former mask back.
class Signals {
public:
    /// Errors: internal (no file descriptor left).
    static Result<Signals> take_over();
    ~Signals();
    Signals(Signals&&) noexcept = default;
    Signals& operator=(Signals&&) = delete;

    /// Readable when `next` has something; for net::FdWatch.
    int fd() const noexcept { return fd_.get(); }
    /// The next signal that came in; nothing when there is none now. Never blocks.
    std::optional<Signal> next() noexcept;

private:
    Signals(UniqueFd fd, const sigset_t& before) noexcept : fd_(std::move(fd)), before_(before) {}
    UniqueFd fd_;
    sigset_t before_;
};

}  // namespace evenkeel::os

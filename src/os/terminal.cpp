#include "os/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

namespace evenkeel::os {

bool is_terminal(int fd) noexcept { return ::isatty(fd) == 1; }

std::size_t terminal_columns(int fd) noexcept {
    winsize size{};
    constexpr std::size_t usual = 80;
    return ::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : usual;
}

}  // namespace evenkeel::os

#include "daemon/console.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "os/terminal.hpp"

namespace evenkeel {
namespace {
constexpr int columns_min = 20, rows_min = 5, rows_usual = 24;
}

Console::Console(int fd, bool colour_allowed) noexcept
    : fd_(fd), interactive_(os::is_terminal(fd)), colours_(interactive_ && colour_allowed) {}

void Console::write(std::string_view text) {
    while (!text.empty()) {
        const ssize_t count = ::write(fd_, text.data(), text.size());
        if (count < 0 && errno != EINTR && errno != EAGAIN) return;
        if (count > 0) text.remove_prefix(static_cast<std::size_t>(count));
    }
}

int Console::columns() const noexcept { return std::max(columns_min, static_cast<int>(os::terminal_columns(fd_))); }

int Console::rows() const noexcept {
    winsize size{};
    if (::ioctl(fd_, TIOCGWINSZ, &size) != 0 || size.ws_row == 0) return rows_usual;
    return std::max(rows_min, static_cast<int>(size.ws_row));
}

bool colour_allowed(const os::Environment& environment, bool no_color_flag) {
    return !no_color_flag && !environment.get_filled("NO_COLOR") && environment.get("TERM") != "dumb";
}

}  // namespace evenkeel

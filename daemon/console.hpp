#pragma once
#include "frontends/terminal/screen.hpp"
#include "os/environment.hpp"

namespace evenkeel {

/// Standard output or standard error as a screen. Writes block: a person or a pipe sets the pace, and a chat has
/// nothing else to do meanwhile. A reader that left is not an error: what is written to it is lost.
class Console final : public terminal::Screen {
public:
    /// `colour_allowed`: neither --no-color nor NO_COLOR (https://no-color.org: set and not empty).
    Console(int fd, bool colour_allowed) noexcept;
    void write(std::string_view text) override;
    bool interactive() const noexcept override { return interactive_; }
    bool colours() const noexcept override { return colours_; }
    int columns() const noexcept override;
    int rows() const noexcept override;

private:
    int fd_;
    bool interactive_, colours_;
};

bool colour_allowed(const os::Environment& environment, bool no_color_flag);

}  // namespace evenkeel

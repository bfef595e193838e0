#pragma once
#include <string>

#include "frontends/terminal/screen.hpp"

namespace evenkeel::terminal {

/// A screen that keeps what was written; for tests.
class ScreenTwin final : public Screen {
public:
    explicit ScreenTwin(bool interactive = true, bool colours = false) : interactive_(interactive), colours_(colours) {}
    void write(std::string_view text) override { written += text; }
    bool interactive() const noexcept override { return interactive_; }
    bool colours() const noexcept override { return colours_; }
    int columns() const noexcept override { return 80; }
    int rows() const noexcept override { return 24; }
    std::string written;

private:
    bool interactive_, colours_;
};

}  // namespace evenkeel::terminal

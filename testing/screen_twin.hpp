#pragma once
#include <string>

#include "frontends/terminal/screen.hpp"

namespace evenkeel::terminal {

/// A screen that keeps what was written; for tests.
class ScreenTwin final : public Screen {
public:
    explicit ScreenTwin(bool interactive = true, int columns = 80) : columns_(columns), interactive_(interactive) {}
    void write(std::string_view text) override { written += text; }
    bool interactive() const noexcept override { return interactive_; }
    bool colours() const noexcept override { return coloured; }
    int columns() const noexcept override { return columns_; }
    int rows() const noexcept override { return 24; }
    std::string written;
    bool coloured = false;

private:
    int columns_;
    bool interactive_;
};

}  // namespace evenkeel::terminal

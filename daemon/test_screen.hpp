#pragma once
// For the tests of this folder: what a command wrote.
#include "daemon/render.hpp"

namespace evenkeel {

class TestScreen final : public terminal::Screen {
public:
    explicit TestScreen(int columns = 80, bool interactive = true) : columns_(columns), interactive_(interactive) {}
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

/// The two screens of a command, at 2026-11-22T12:00:00Z.
struct TestOutput {
    explicit TestOutput(int columns = 80, bool interactive = true)
        : out(columns, interactive), err(columns, interactive) {}
    TestScreen out, err;
    Output output{out, err, false, false, *parse_wall("2026-11-22T12:00:00.000Z")};
};

}  // namespace evenkeel

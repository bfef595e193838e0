#pragma once
// For the tests of commands: what one wrote.
#include "daemon/render.hpp"
#include "testing/screen_twin.hpp"

namespace evenkeel {

using terminal::ScreenTwin;

/// The two screens of a command, at 2026-11-22T12:00:00Z.
struct TestOutput {
    explicit TestOutput(int columns = 80, bool interactive = true)
        : out(interactive, columns), err(interactive, columns) {}
    ScreenTwin out, err;
    Output output{out, err, false, false, *parse_wall("2026-11-22T12:00:00.000Z")};
};

}  // namespace evenkeel

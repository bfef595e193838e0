#pragma once
#include <utility>

#include "net/loop.hpp"
#include "os/clock.hpp"
#include "testing/sim.hpp"

namespace evenkeel::testing {

/// For tests of what really touches descriptors: the product's loop on the real clock, the rest as in Sim.
struct RealLoop {
    os::SystemClock clock;
    Loop loop{clock};
    SeededRandom random{1};
    RecordingNotes notes;
    Env env() noexcept { return Env{loop, random, notes}; }
    template <class T>
    T run(Task<T> task) {
        return loop.run(std::move(task));
    }
};

}  // namespace evenkeel::testing

#pragma once
#include <cstdint>
#include <string_view>

#include "core/scheduler.hpp"

namespace evenkeel {

/// The one source of chance. Seeded in tests, so that a failing run is a seed.
class Random {
public:
    virtual ~Random() = default;
    virtual std::uint64_t bits() noexcept = 0;  ///< 64 uniform bits. Not for keys or tokens.
    double unit() noexcept;                     ///< Uniform in [0, 1).
    /// `base` spread evenly over [1 - share, 1 + share]. share in [0, 1].
    Nanos jittered(Nanos base, double share) noexcept;
};

enum class Severity : std::uint8_t { debug, info, warning, alarm };

/// Something an operator may want to read or count. Views live for the call only. Never holds message text or secrets.
struct Note {
    Severity severity = Severity::info;
    std::string_view name;     ///< Dotted and stable, for filters: "breaker.opened".
    std::string_view subject;  ///< What it is about: a lane, a job id, a file.
    std::string_view detail;   ///< One sentence for people.
    std::int64_t value = 0;
};

class Notes {
public:
    virtual ~Notes() = default;
    virtual void note(const Note& note) noexcept = 0;  ///< Never blocks, never fails. Loop thread only.
};

/// Handed to constructors by value; the three objects outlive everything built with them.
struct Env {
    Scheduler& scheduler;
    Random& random;
    Notes& notes;
    Instant now() const noexcept { return scheduler.now(); }
    WallTime wall() const noexcept { return scheduler.wall(); }
};

}  // namespace evenkeel

#pragma once
#include <array>
#include <cstdint>

#include "core/time.hpp"

namespace evenkeel {

/// What one provider may be asked beyond what its users asked: repeats (and later hedges) together at most a tenth of
/// the calls of the last ten seconds, and one in any case. Pure; probes are not its business, they have their own pace.
class Budget {
public:
    void note_call(Instant now) noexcept;
    /// Takes one extra call if there is one left.
    bool take(Instant now) noexcept;

    static constexpr std::uint32_t calls_per_extra = 10;
    static constexpr Seconds window{10};

private:
    struct Second {
        std::int64_t number = 0;
        std::uint32_t calls = 0, extras = 0;
    };
    /// One more slot than the window has seconds: extras are counted over a little more than it, calls over a little
    /// less, so that the bound is strict.
    static constexpr std::size_t slots = 11;
    Second& at(Instant now) noexcept;
    std::array<Second, slots> seconds_{};
};

}  // namespace evenkeel

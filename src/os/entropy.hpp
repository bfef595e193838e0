#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/env.hpp"

namespace evenkeel::os {

/// Fills `into` with bytes fit for keys and tokens, from the kernel. Ends the process where the kernel has none.
void secure_bytes(std::span<std::byte> into) noexcept;

/// The product's chance: xoshiro256** (Blackman, Vigna 2018), seeded by the kernel. One thread per object.
class SystemRandom final : public Random {
public:
    SystemRandom() noexcept;
    std::uint64_t bits() noexcept override;

private:
    std::array<std::uint64_t, 4> state_;
};

}  // namespace evenkeel::os

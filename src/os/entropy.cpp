#include "os/entropy.hpp"

#include <sys/random.h>

#include <bit>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace evenkeel::os {

void secure_bytes(std::span<std::byte> into) noexcept {
    while (!into.empty()) {
        const ssize_t got = ::getrandom(into.data(), into.size(), 0);
        if (got > 0) {
            into = into.subspan(static_cast<std::size_t>(got));
        } else if (errno != EINTR) {
            // Going on with predictable keys would be worse than not going on.
            std::fputs(
                "evenkeel: the kernel gives no random bytes (getrandom failed); it must be Linux 3.17 or newer\n",
                stderr);
            std::abort();
        }
    }
}

SystemRandom::SystemRandom() noexcept { secure_bytes(std::as_writable_bytes(std::span(state_))); }

std::uint64_t SystemRandom::bits() noexcept {
    const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
}

}  // namespace evenkeel::os

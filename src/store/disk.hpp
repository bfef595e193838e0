#pragma once
#include <cstdint>
#include <string_view>

namespace evenkeel {

/// What the store asks of the file system, asked for one step before it is done. The product runs without one; tests
/// pass one that makes the n-th step fail. Called on the engine's thread only.
class Disk {
public:
    enum class Step : std::uint8_t { open, read, write, sync, truncate, remove };
    enum class Verdict : std::uint8_t {
        proceed,
        fail,  ///< As EIO: nothing is done.
        full,  ///< As ENOSPC; a write puts down its first half first, as a real one may.
        torn,  ///< The first half is written, then EIO.
    };
    virtual ~Disk() = default;
    virtual Verdict before(Step step, std::string_view file) noexcept = 0;
};

}  // namespace evenkeel

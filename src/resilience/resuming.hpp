#pragma once
#include <cstddef>
#include <cstdint>

#include "core/env.hpp"
#include "llm/provider.hpp"

namespace evenkeel {

/// What may be kept and done for replies that break. Bytes.
struct RescueLimits {
    std::size_t text_max = 256 * 1024;         ///< Kept of one answer; a longer one can no longer be taken up.
    std::size_t total_max = 64 * 1024 * 1024;  ///< Kept of all answers together.
    std::size_t held_max = 16 * 1024 * 1024;   ///< Of one answer that is held until it is whole.
    std::uint32_t rescues_max = 3;             ///< Of one answer.
};

/// Takes up replies that break in the middle, as Call::on_cut says. With `resume`: `inner` is asked anew, without those
/// who broke; if that text begins with what was already read, it goes on from there unseen. Else `inner` is asked to go
/// on behind it (Call::continues), and what that repeats is left out. Batches from then on hold events and no wire. A
/// reply whose tool calls were read, that was longer than the limits, or in which several answers run side by side is
/// never taken up. With `hold`: the answer comes as one batch, once it is whole.
/// Errors: those of `inner`; the one that broke the reply, where nobody could take it up.
ProviderPtr resuming(ProviderPtr inner, RescueLimits limits, Env env);

}  // namespace evenkeel

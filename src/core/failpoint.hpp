#pragma once
#include <array>
#include <atomic>
#include <string_view>

#include "core/result.hpp"

namespace evenkeel {

/// Places where a kill test may end the process: between any two steps whose order is a promise. The list is complete;
/// a test runs the store through all of them (src/store/session_test.cpp).
inline constexpr std::array<std::string_view, 18> failpoint_names{
    "store.accept.before_commit",    "store.accept.after_commit",    //
    "store.claim.before_commit",     "store.claim.after_commit",     //
    "store.extend.before_commit",    "store.extend.after_commit",    //
    "store.complete.before_commit",  "store.complete.after_commit",  //
    "store.release.before_commit",   "store.release.after_commit",   //
    "store.bury.before_commit",      "store.bury.after_commit",      //
    "store.shown.before_commit",     "store.shown.after_commit",     //
    "store.checkpoint.before",       "store.checkpoint.after",       //
    "store.migration.before_commit", "store.migration.after_commit",
};

/// Called at the armed hit; a kill test's handler ends the process there. Any thread.
using FailpointHandler = void (*)(std::string_view name) noexcept;

/// Arms from a text such as "store.accept.after_commit:3,store.checkpoint.before" (the third hit, the first hit).
/// The caller read it from its environment snapshot. Call before other threads start. Errors: request (unknown name,
/// count that is none).
Result<void> arm_failpoints(std::string_view text, FailpointHandler handler);
void disarm_failpoints() noexcept;

namespace detail {
extern std::atomic<bool> failpoints_armed;
void hit_failpoint(std::string_view name) noexcept;
}  // namespace detail

/// Costs one relaxed load while nothing is armed, in release builds too: the kill loop runs the real binary.
inline void failpoint(std::string_view name) noexcept {
    if (detail::failpoints_armed.load(std::memory_order_relaxed)) [[unlikely]]
        detail::hit_failpoint(name);
}

}  // namespace evenkeel

#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "core/async.hpp"
#include "core/env.hpp"

namespace evenkeel {

/// Lines on their way to a file. Kept in memory for at most a second, so that a request costs no system call; what a
/// kill takes with it is that second. A file that cannot be written is told once, and once when it can again; the lines
/// of the time in between are counted, not kept. One loop.
class AccessLog {
public:
    static constexpr std::size_t held_bytes_max = 64 * 1024;  ///< Then they are written at once.
    static constexpr Millis held_for{1'000};

    /// Appends bytes to the log's file. Errors: storage.
    using Append = std::function<Result<void>(std::string_view bytes)>;
    AccessLog(Env env, Append append);
    ~AccessLog();
    AccessLog(const AccessLog&) = delete;
    AccessLog& operator=(const AccessLog&) = delete;

    /// `line` without its end.
    void write(std::string_view line);
    /// Everything that is held; also at the end.
    void flush();
    /// Lines that could not be written since the last success.
    std::uint64_t lost() const noexcept { return lost_; }

private:
    static Task<void> keep_flushing(AccessLog& self);
    Env env_;
    Append append_;
    std::string held_;
    std::uint64_t lines_ = 0;  ///< In `held_`.
    std::uint64_t lost_ = 0;
    Event written_;
    TaskGroup tasks_;
};

}  // namespace evenkeel

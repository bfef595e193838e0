#pragma once
#include <array>
#include <cstddef>
#include <optional>

#include "core/time.hpp"

namespace evenkeel {

/// How long one lane's first signs of an answer took lately: what its limit and the delay of a hedge are learnt from.
/// Pure; the last `kept` calls count.
class FirstContentTimes {
public:
    /// `input_bytes`: of the question with its history; a longer one takes longer to read.
    void add(Millis took, std::size_t input_bytes) noexcept;
    /// 95 of 100 were at least as fast. Empty until there are samples_min.
    std::optional<Millis> p95() const noexcept { return p95_; }
    /// Do the samples say anything about a question of that size?
    bool know(std::size_t input_bytes) const noexcept;

    static constexpr std::size_t kept = 64, samples_min = 20;
    /// A question up to twice as long as the longest that was sampled is taken to be like them.
    static constexpr std::size_t longer_by = 2;

private:
    struct Sample {
        Millis took{0};
        std::size_t input_bytes = 0;
    };
    std::array<Sample, kept> samples_{};
    std::size_t count_ = 0;  ///< Ever added.
    std::optional<Millis> p95_;
};

}  // namespace evenkeel

#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace evenkeel {

/// Notices a model that has lost its way and says the same again and again. It looks at an answer's text only after its
/// first `starts_at` bytes, so that most answers cost nothing, and keeps no more than the last `kept_max`.
class RepeatDetector {
public:
    /// More than `bytes_max` bytes of repeats are endless; 0: nothing is.
    explicit RepeatDetector(std::size_t bytes_max = bytes_default) noexcept : bytes_max_(bytes_max) {}
    void feed(std::string_view text);
    bool is_endless() const noexcept { return endless_; }

    static constexpr std::size_t bytes_default = 4 * 1024;
    static constexpr std::size_t starts_at = 2 * 1024;
    /// The longest piece whose repeats are noticed, and how often it must have come.
    static constexpr std::size_t period_max = 512, times_min = 8;
    static constexpr std::size_t kept_max = 2 * period_max;

private:
    void take(std::string_view piece);
    void look_for_period();
    std::size_t bytes_max_;
    std::size_t seen_ = 0;
    std::size_t unlooked_ = 0;  ///< Bytes since a period was last looked for.
    std::size_t period_ = 0;    ///< 0: none is known.
    std::size_t run_ = 0;       ///< So many bytes were each the same as one period before.
    bool endless_ = false;
    std::string tail_;
};

}  // namespace evenkeel

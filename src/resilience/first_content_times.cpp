#include "resilience/first_content_times.hpp"

#include <algorithm>
#include <span>

namespace evenkeel {

void FirstContentTimes::add(Millis took, std::size_t input_bytes) noexcept {
    samples_[count_++ % kept] = {.took = took, .input_bytes = input_bytes};
    if (count_ < samples_min) return;
    std::array<Millis, kept> sorted{};
    const std::size_t size = std::min(count_, kept);
    std::ranges::transform(std::span(samples_).first(size), sorted.begin(), &Sample::took);
    const std::size_t rank = (size * 95 + 99) / 100;  // The nearest rank, from 1.
    const auto at = sorted.begin() + static_cast<std::ptrdiff_t>(rank) - 1;
    std::nth_element(sorted.begin(), at, sorted.begin() + static_cast<std::ptrdiff_t>(size));
    p95_ = *at;
}

bool FirstContentTimes::know(std::size_t input_bytes) const noexcept {
    const auto sampled = std::span(samples_).first(std::min(count_, kept));
    return std::ranges::any_of(sampled,
                               [&](const Sample& sample) { return input_bytes <= longer_by * sample.input_bytes; });
}

}  // namespace evenkeel

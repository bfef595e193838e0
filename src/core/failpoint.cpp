#include "core/failpoint.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

namespace evenkeel {

std::atomic<bool> detail::failpoints_armed{false};

namespace {

/// Hits left until the handler is called; 0 is "not armed".
std::array<std::atomic<int>, failpoint_names.size()> hits_left{};
std::atomic<FailpointHandler> handler_at_hit{nullptr};

/// The place of `name` in the list, its size where it is not there.
std::size_t place_of(std::string_view name) noexcept {
    return static_cast<std::size_t>(std::ranges::find(failpoint_names, name) - failpoint_names.begin());
}

}  // namespace

Result<void> arm_failpoints(std::string_view text, FailpointHandler handler) {
    disarm_failpoints();
    std::array<int, failpoint_names.size()> wanted{};
    while (!text.empty()) {
        const std::string_view item = text.substr(0, text.find(','));
        text.remove_prefix(std::min(text.size(), item.size() + 1));
        const std::string_view name = item.substr(0, item.find(':'));
        const std::size_t place = place_of(name);
        if (place == failpoint_names.size()) return caller_fault("no failpoint is named '" + std::string(name) + "'");
        int count = 1;
        if (name.size() < item.size()) {
            const char* const end = item.data() + item.size();
            const auto read = std::from_chars(item.data() + name.size() + 1, end, count);
            if (read.ec != std::errc{} || read.ptr != end || count < 1)
                return caller_fault("the failpoint '" + std::string(item) + "' needs a count of at least 1");
        }
        wanted[place] = count;
    }
    for (std::size_t i = 0; i < wanted.size(); ++i) hits_left[i] = wanted[i];
    handler_at_hit = handler;
    detail::failpoints_armed = std::ranges::any_of(wanted, [](int count) { return count > 0; });
    return {};
}

void disarm_failpoints() noexcept {
    detail::failpoints_armed = false;
    for (auto& left : hits_left) left = 0;
}

void detail::hit_failpoint(std::string_view name) noexcept {
    const std::size_t place = place_of(name);
    if (place == failpoint_names.size()) return;
    int left = hits_left[place].load();
    while (left > 0 && !hits_left[place].compare_exchange_weak(left, left - 1)) {
    }
    if (left == 1) handler_at_hit.load()(failpoint_names[place]);
}

}  // namespace evenkeel

#include "telemetry/request_ring.hpp"

#include <algorithm>

namespace evenkeel {

std::string& RequestRing::put(const Id& id) {
    Slot& slot = slots_[next_];
    next_ = (next_ + 1) % slots_.size();
    slot.id = id;
    slot.json.clear();
    return slot.json;
}

std::optional<std::string_view> RequestRing::find(const Id& id) const noexcept {
    const auto slot = std::ranges::find(slots_, std::optional(id), &Slot::id);
    return slot == slots_.end() ? std::nullopt : std::optional<std::string_view>(slot->json);
}

std::vector<Id> RequestRing::find(const IdPrefix& prefix, std::size_t most) const {
    std::vector<Id> found;
    for (std::size_t back = 1; back <= slots_.size() && found.size() < most; ++back) {
        const auto& id = slots_[(next_ + slots_.size() - back) % slots_.size()].id;
        if (id && prefix.low <= *id && *id <= prefix.high) found.push_back(*id);
    }
    return found;
}

}  // namespace evenkeel

#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/ids.hpp"

namespace evenkeel {

/// The last requests with all that happened to them, oldest overwritten: what `evenkeel explain` knows. Its memory is
/// kept from request to request. One loop.
class RequestRing {
public:
    /// `slots` ≥ 1.
    explicit RequestRing(std::size_t slots) : slots_(slots) {}

    /// The place for the next one's JSON, emptied.
    std::string& put(const Id& id);
    /// Valid until the next put.
    std::optional<std::string_view> find(const Id& id) const noexcept;
    /// Those whose id begins so, newest first, at most `most`.
    std::vector<Id> find(const IdPrefix& prefix, std::size_t most) const;

private:
    struct Slot {
        std::optional<Id> id;
        std::string json;
    };
    std::vector<Slot> slots_;
    std::size_t next_ = 0;
};

}  // namespace evenkeel

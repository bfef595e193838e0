#pragma once
#include <cstddef>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/message.hpp"
#include "store/key_records.hpp"

namespace evenkeel {

/// Whether the ledger behind `evenkeel cost` has a try already: the queue counts those of its own messages.
enum class Counted : std::uint8_t { nowhere, in_ledger };

/// Sums of tries per key, provider, model and minute until they are written: plain calls of the gateway write nothing
/// each by itself. Bounded: beyond `lines_max` further models are summed per key, provider and day as "(others)".
class UsageBook {
public:
    static constexpr std::size_t lines_max = 10'000;

    /// Skipped tries are none. A line that is there already costs no allocation.
    void add(const Id& key, const Attempt& attempt, Counted counted, WallTime wall);
    /// Everything since the last call; the book is empty then.
    std::vector<UsageLine> take();
    /// What `take` gave and could not be written.
    void put_back(const std::vector<UsageLine>& lines);
    bool empty() const noexcept { return lines_.empty(); }
    std::size_t size() const noexcept { return lines_.size(); }

private:
    struct Place {
        Id key;
        std::string_view provider, model;
        WallTime start;
        bool in_ledger = false;
        bool operator==(const Place&) const = default;
    };
    struct PlaceHash {
        std::size_t operator()(const Place& place) const noexcept;
    };
    UsageLine& line_at(Place place);

    // The views of a place look into the line beside it; the nodes of the map never move.
    std::unordered_map<Place, UsageLine, PlaceHash> lines_;
};

}  // namespace evenkeel

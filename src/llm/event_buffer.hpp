#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/pool.hpp"
#include "llm/provider.hpp"

namespace evenkeel {

/// The events of one batch and the text they view. Memory is kept from batch to batch, so that a long stream allocates
/// only while its batches still grow.
class EventBuffer {
public:
    void add(ReplyEvent::Kind kind, std::string_view text);
    void add_usage(const Usage& usage) { events_.push_back({.kind = ReplyEvent::Kind::usage, .usage = usage}); }
    void add_finish(FinishReason reason) { events_.push_back({.kind = ReplyEvent::Kind::finish, .finish = reason}); }
    void clear() noexcept;
    bool empty() const noexcept { return events_.empty(); }
    std::size_t bytes() const noexcept { return text_.size(); }
    /// What was added since `clear`, in order. Valid until the next call that changes the buffer.
    std::span<const ReplyEvent> events() noexcept;

private:
    PoolString text_;  ///< The texts of all events, one behind the other.
    std::vector<ReplyEvent, PoolAllocator<ReplyEvent>> events_;
};

}  // namespace evenkeel

#pragma once
#include <memory>

#include "core/env.hpp"
#include "resilience/lane.hpp"

namespace evenkeel {

/// Asks `first`, and where nothing came after a time that is long for it, `second` too, from then on whichever begins
/// to answer first; the other is cancelled, and its record with its cost stays in the call. The delay is learnt: 95 of
/// 100 first contents were faster, and never less than delay_min; before enough was seen, and for a question much
/// longer than those, `second` is not asked. It is asked only while its gate is closed to nobody, the call may be seen
/// by it, attempts are left, and its budget of extra calls (shared with repeats) has one. A second on this machine
/// costs no money but is the worse model: it loses if the first begins within local_grace after it.
/// Streams must not outlive the lanes. Errors: those of `first`.
class Hedged final : public Provider {
public:
    Hedged(std::shared_ptr<Lane> first, std::shared_ptr<Lane> second, Env env)
        : first_(std::move(first)), second_(std::move(second)), env_(env) {}
    std::string describe() const override;
    Task<Result<std::unique_ptr<ReplyStream>>> open(const ChatRequest& request, Call& call) override;

    static constexpr Millis delay_min{1'500};
    static constexpr Millis local_grace{300};

private:
    std::optional<Millis> delay(const ChatRequest& request, const Call& call) const;
    std::shared_ptr<Lane> first_, second_;
    Env env_;
};

}  // namespace evenkeel

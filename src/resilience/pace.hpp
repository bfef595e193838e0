#pragma once
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <string_view>

#include "core/async.hpp"
#include "core/env.hpp"
#include "llm/provider.hpp"

namespace evenkeel {

/// The code of the error of a call that found no free slot. Its origin is `self`: nobody was asked.
inline constexpr std::string_view no_slot_code = "no_slot";

/// How much one provider is asked at a time.
struct PaceLimits {
    std::uint32_t concurrent_max = 0;  ///< Calls under way at the same time; 0: any number.
    bool adapts = false;               ///< Fewer while it answers that it is overloaded or not at all (AIMD).
    double calls_per_s = 0;            ///< 0: no limit.
};

/// What may be sent to one provider now, as a pure machine: slots, of which there are fewer after an overload and
/// slowly more again, and a bucket of tokens.
class PaceMachine {
public:
    explicit PaceMachine(PaceLimits limits) noexcept;
    bool has_slot() const noexcept;
    /// When the next token is there; a time that is not in the future means now.
    Instant token_at(Instant now) const noexcept;
    /// Only while both are there.
    void take(Instant now) noexcept;
    void give_back() noexcept { --running_; }
    void went_well() noexcept;
    /// It said that it is overloaded, or said nothing.
    void went_badly(Instant now) noexcept;
    std::uint32_t limit() const noexcept;
    std::uint32_t running() const noexcept { return running_; }

    /// So much of a second's calls may go at once.
    static constexpr double burst_s = 0.25;
    /// Of what was under way, what is allowed after an overload, and what is so in any case; and how long the next one
    /// then does not count, since calls that were under way tell of the same.
    static constexpr double shrink_to = 0.7;
    static constexpr std::uint32_t least = 4;
    static constexpr Seconds shrink_every{1};

private:
    double tokens(Instant now) const noexcept;
    PaceLimits limits_;
    double capacity_;
    double tokens_;
    Instant counted_ = Instant::min();
    double limit_;
    std::uint32_t running_ = 0;
    Instant shrunk_ = Instant::min();
};

/// The machine of one lane with those who wait for it, in the order in which they came. One loop.
class Pace {
public:
    Pace(Env env, PaceLimits limits) : env_(env), machine_(limits) {}
    const PaceMachine& machine() const noexcept { return machine_; }
    std::size_t waiting() const noexcept { return waiting_.size(); }

    /// Takes a slot and a token for `call`. For a slot it waits as long as Call::slot_wait says, and not at all while
    /// another lane can take the call; for a token in any case up to token_wait, which only spreads a burst. Every
    /// success is answered by one give_back. Errors: overload/self "no_slot".
    Task<Result<void>> admit(const Call& call);
    void give_back() noexcept;
    /// How a call began: null, or the error it ended in.
    void learn(const Error* error) noexcept;

    static constexpr Millis token_wait{250};
    static constexpr std::size_t waiting_max = 1'024;

private:
    class Waiter;
    bool take_now() noexcept;
    void wake_first() noexcept;
    Env env_;
    PaceMachine machine_;
    std::list<Waiter*> waiting_;
};

/// Lets no more calls through to `inner` than its pace allows. Errors: those of `inner`, and "no_slot".
ProviderPtr paced(ProviderPtr inner, std::shared_ptr<Pace> pace);

}  // namespace evenkeel

#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "chat/drain.hpp"
#include "core/time.hpp"
#include "store/records.hpp"

namespace evenkeel {

/// What the engine is told by the configuration, and the bounds of everything it holds.
struct ChatOptions {
    std::string system_prompt;          ///< May be empty: then none is sent.
    std::size_t history_messages = 20;  ///< Earlier messages (questions and answers) that go along, at most.
    std::uint32_t max_tokens = 1000;
    std::optional<double> temperature = 0.7;
    Millis ttl{24 * 3'600'000};  ///< [queue] ttl, for surfaces that build an Inbound.
    std::string principal = "local";
    bool works_queue = true;  ///< false: only what is asked here is worked; for a look at the data that ends at once.
    /// Told of the tries of each claim once the store has them: sums per key. May be empty; must not call the engine.
    std::function<void(const Inbound& message, std::span<const Attempt> tries)> on_tries;
    bool practice = false;  ///< The route is made of practice providers; every answer says so.

    std::int64_t attempts_max = 20;  ///< Claims that end without an answer while somebody could be asked; then dead.
    std::int64_t crashes_max = 3;    ///< reliability.md I12.
    std::uint32_t tries_max = 6;     ///< Tries that reach for the network per claim, over all lanes.
    std::uint32_t restarts_max = 3;  ///< How often one claim may strike its text and begin anew after a cut.
    Millis turn_deadline{600'000};   ///< Nobody works longer on one claim.
    Millis lease_for{30'000};        ///< Prolonged every third of it.
    std::size_t answer_bytes_max = 4U << 20;  ///< A longer answer is broken off as none.
    std::size_t tool_calls_max = 1024;        ///< So is one with more calls of tools.
    std::size_t live_max = 64;      ///< Turns worked at once for people who watch; further ones wait in the queue.
    std::size_t rooms_max = 4096;   ///< Questions that are watched or worked at once.
    std::size_t watchers_max = 32;  ///< Of one question.
    std::size_t question_bytes_max = 256U << 10;  ///< Of one question; the store's own bound is the same.
    Millis retry_delay_min{5'000};  ///< After a failed attempt while somebody could be asked; doubled per attempt …
    Millis retry_delay_max{15 * 60'000};  ///< … up to this.
    Millis scan_every{1000};              ///< Safety net under the wake-ups.
    Millis refresh_every{5000};      ///< How long a watched question may end elsewhere before its watcher hears it.
    Millis hand_over_again{60'000};  ///< A delivery that no surface said it showed is handed out again.
    Millis told_grace{10'000};       ///< An end a watcher was told is not handed out again so soon.
    DrainOptions drain;
};

}  // namespace evenkeel

#pragma once
#include <map>
#include <memory>
#include <string>

#include "store/engine.hpp"

namespace evenkeel::testing {

/// One message as the store holds it, in what a client could notice.
struct KeptMessage {
    std::string conversation, text, partial, outbox;
    std::int64_t sequence = 0, attempts = 0, crashes = 0;
    std::size_t tries = 0;
    JobState state = JobState::queued;
    std::optional<std::string> answer;
    bool operator==(const KeptMessage&) const = default;
};

/// All that a store holds.
struct StoreState {
    std::map<Id, KeptMessage> messages;
    std::int64_t ledger_tries = 0, ledger_answers = 0;
    std::string fact;
    bool operator==(const StoreState&) const = default;
};

inline constexpr std::string_view state_fact = "crash.fact";
inline constexpr WallTime state_epoch{Millis{1'767'225'600'000}};  // 2026-01-01T00:00:00Z

inline Result<StoreState> state_of(StoreEngine& engine) {
    auto views = engine.desk().list("local", false, 10'000);
    auto pending = engine.outbox().pending("terminal", "local", "", 10'000);
    auto spent = engine.outbox().spending(state_epoch);
    auto fact = engine.outbox().recall(state_fact);
    if (!views) return fail(views.error());
    if (!pending) return fail(pending.error());
    if (!spent) return fail(spent.error());
    if (!fact) return fail(fact.error());
    StoreState state{.fact = std::move(*fact)};
    for (JobView& view : *views) {
        KeptMessage& kept = state.messages[view.id];
        kept = {.conversation = view.message.conversation,
                .text = view.message.text,
                .partial = view.partial,
                .sequence = view.sequence,
                .attempts = view.attempts,
                .crashes = view.crashes,
                .state = view.state};
        if (!view.answer) continue;
        kept.answer = view.answer->text;
        kept.tries = view.answer->attempts.size();
    }
    for (const Delivery& delivery : *pending) state.messages[delivery.id].outbox = to_string(delivery.kind);
    for (const Spend& line : *spent) {
        state.ledger_tries += line.tries;
        state.ledger_answers += line.answers;
    }
    return state;
}

/// What the next process must find: what was being worked is a crash, and with the third a notice (I6, I12).
inline StoreState after_restart(StoreState state, std::int64_t crashes_max = 3) {
    for (auto& [id, kept] : state.messages) {
        if (kept.state != JobState::working) continue;
        kept.crashes += 1;
        kept.attempts += 1;
        kept.state = kept.crashes < crashes_max ? JobState::queued : JobState::dead;
        if (kept.state == JobState::dead) kept.outbox = "dead";
    }
    return state;
}

/// In words, the first thing in which two states differ.
inline std::string difference(const StoreState& got, const StoreState& wanted) {
    for (const auto& [id, kept] : wanted.messages) {
        const auto found = got.messages.find(id);
        if (found == got.messages.end()) return "message " + to_string(id) + " is missing";
        if (found->second == kept) continue;
        const KeptMessage& other = found->second;
        return "message " + to_string(id) + ": " + std::string(to_string(other.state)) + "/" + other.outbox +
               " attempts " + std::to_string(other.attempts) + " crashes " + std::to_string(other.crashes) +
               " instead of " + std::string(to_string(kept.state)) + "/" + kept.outbox + " attempts " +
               std::to_string(kept.attempts) + " crashes " + std::to_string(kept.crashes) +
               (other.answer == kept.answer ? "" : ", another answer") +
               (other.partial == kept.partial ? "" : ", another partial text");
    }
    if (got.messages.size() != wanted.messages.size()) return "there are more messages than were sent";
    if (got.fact != wanted.fact) return "another fact: " + got.fact;
    if (got.ledger_tries != wanted.ledger_tries || got.ledger_answers != wanted.ledger_answers)
        return "another ledger: " + std::to_string(got.ledger_tries) + " tries instead of " +
               std::to_string(wanted.ledger_tries);
    return {};
}

}  // namespace evenkeel::testing

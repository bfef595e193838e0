#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/ids.hpp"
#include "core/result.hpp"

namespace evenkeel {

enum class Role : std::uint8_t { system, user, assistant };
std::string_view to_string(Role role) noexcept;

/// One message of a conversation. UTF-8.
struct Turn {
    Role role = Role::user;
    std::string text;
    bool operator==(const Turn&) const = default;
};

/// Why a model stopped. Only these make an answer whole; a stream without one was cut.
enum class FinishReason : std::uint8_t { stop, length, tool_calls, content_filter };
std::string_view to_string(FinishReason reason) noexcept;
std::optional<FinishReason> finish_reason_from(std::string_view word) noexcept;

/// Tokens as the provider counted them, or as we guessed.
struct Usage {
    std::int64_t input = 0;
    std::int64_t output = 0;
    bool estimated = false;  ///< The provider sent none: bytes / 3, corrected by what it reported before.
};

/// What one provider was asked and what came of it. Kept for every try, losers included.
struct Attempt {
    enum class Outcome : std::uint8_t {
        running,
        answered,
        failed,
        cut,        ///< Failed after its first content.
        cancelled,  ///< The caller left, or another was faster.
        skipped,    ///< Not asked: its breaker is open, it is benched, or the conversation is private.
    };
    std::string provider;
    std::string model;  ///< The one that answered where the provider says so, else the one that was asked.
    Outcome outcome = Outcome::running;
    std::optional<Error> error;                 ///< For failed, cut and skipped.
    Millis took{0};                             ///< From the start of this try to its end.
    std::optional<Millis> first_content_after;  ///< From the start of this try; empty where none came.
    std::optional<Usage> usage;                 ///< Empty where nothing was sent or received.
    std::optional<double> cost_usd;             ///< As billed or from the configured price; unknown is empty, never 0.
    std::uint32_t turns_left_out = 0;           ///< Whole turns that did not fit this provider's window.
    bool probe = false;                         ///< Asked to learn whether it is well again; counted apart.
};
std::string_view to_string(Attempt::Outcome outcome) noexcept;
std::optional<Attempt::Outcome> outcome_from(std::string_view word) noexcept;

/// A whole answer and its honest figures.
struct Answer {
    std::string text;
    std::string provider;
    std::string model;
    FinishReason finish = FinishReason::stop;
    bool degraded = false;           ///< Not the first provider of the route answered.
    Usage usage;                     ///< Of the try that answered.
    std::optional<double> cost_usd;  ///< Of all tries together; empty when any is unknown.
    Millis latency{0};               ///< From the question's acceptance to the answer's end.
    std::optional<Millis> first_token;
    std::uint32_t turns_left_out = 0;
    std::vector<Attempt> attempts;
    std::string tool_calls;  ///< [{"id","type":"function","function":{"name","arguments"}}]; empty: none.
    std::string reasoning;   ///< What the model thought aloud; kept for calls alone, empty for plain turns.
    std::string pieces;      ///< How it came, for calls alone: chat/transcript.hpp reads it. Empty: not kept.
};

}  // namespace evenkeel

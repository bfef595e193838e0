#pragma once
#include <memory>
#include <optional>

#include "core/async.hpp"
#include "core/env.hpp"
#include "llm/provider.hpp"
#include "resilience/first_content_times.hpp"

namespace evenkeel {

/// How long one try may take. Clocks run on content, never on bytes. Defaults are design section 1's; all > 0.
struct ContentLimits {
    Millis first_content{10'000};  ///< From the question to the first content. Ollama: 120 s, the model may load.
    std::optional<Millis>
        first_content_warm;  ///< Instead of it, where an answer within `stays_warm` shows it is loaded.
    /// Where there is one, the limit is learnt: three times what 95 of 100 first contents took, no less than this and
    /// no more than the above.
    std::optional<Millis> first_content_floor;
    Millis stays_warm{5 * 60'000};  ///< How long a model stays loaded after an answer: Ollama's keep_alive.
    Millis reasoning{120'000};      ///< From the first reasoning delta, instead of first_content.
    Millis idle{15'000};            ///< Between two events of a reply, while somebody waits for them.
    Millis answer{120'000};         ///< A whole answer, where no stream was asked.
    Millis total{600'000};          ///< Any try, from question to end.
    double tokens_per_s_min = 0;    ///< A reply that brings less, while somebody waits for it, is cut; 0: never.
    Millis slow_for{30'000};        ///< Over so long a time.
};

/// What is learnt of one upstream, beside its breaker.
struct LaneLearning {
    FirstContentTimes times;
    std::optional<Instant> answered_at;  ///< When it last ended a whole answer.
    Event* slow = nullptr;               ///< Pulsed when a question waits longer than usual; may be null.
};

/// Cancels a try that brings nothing in time, upstream included, and records it as failed (or cut).
/// Errors: those of `inner`; silent/provider "first_content_timeout", "idle_timeout", "too_slow", "answer_timeout",
/// "total_timeout"; silent/caller "deadline" where the call's own time ended, which is nobody's failure.
ProviderPtr first_content_within(ProviderPtr inner, ContentLimits limits, Env env,
                                 std::shared_ptr<LaneLearning> learning = std::make_shared<LaneLearning>());

/// How much a provider has to read: all texts, or the caller's own body. Bytes.
std::size_t input_bytes(const ChatRequest& request) noexcept;

}  // namespace evenkeel

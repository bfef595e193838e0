#pragma once
#include <optional>

#include "core/env.hpp"
#include "llm/provider.hpp"

namespace evenkeel {

/// How long one try may take. Clocks run on content, never on bytes. Defaults are design section 1's; all > 0.
struct ContentLimits {
    Millis first_content{10'000};  ///< From the question to the first content. Ollama: 120 s, the model may load.
    std::optional<Millis>
        first_content_warm;         ///< Instead of it, where an answer within `stays_warm` shows it is loaded.
    Millis stays_warm{5 * 60'000};  ///< How long a model stays loaded after an answer: Ollama's keep_alive.
    Millis reasoning{120'000};      ///< From the first reasoning delta, instead of first_content.
    Millis idle{15'000};            ///< Between two events of a reply, while somebody waits for them.
    Millis answer{120'000};         ///< A whole answer, where no stream was asked.
    Millis total{600'000};          ///< Any try, from question to end.
};

/// Cancels a try that brings nothing in time, upstream included, and records it as failed (or cut).
/// Errors: those of `inner`; silent/provider "first_content_timeout", "idle_timeout", "answer_timeout",
/// "total_timeout"; silent/caller "deadline" where the call's own time ended, which is nobody's failure.
ProviderPtr first_content_within(ProviderPtr inner, ContentLimits limits, Env env);

}  // namespace evenkeel

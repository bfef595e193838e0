#pragma once
#include <optional>

#include "core/result.hpp"
#include "llm/error_body.hpp"

namespace evenkeel {

/// A refusal as it came over the wire.
struct Refusal {
    int status = 0;  ///< 200 where the error stood inside a reply that began well.
    ErrorBody body;
    std::optional<Millis> retry_after;  ///< From the headers.
};

/// What a refusal means: class, origin, scope, code, retry_after, status. The provider's own code decides first, then
/// its words where providers have nothing better (Ollama), then the status, then the broader type. `detail` is the
/// provider's message as received: scrub it before it goes anywhere.
Error classify(const Refusal& refusal);

}  // namespace evenkeel

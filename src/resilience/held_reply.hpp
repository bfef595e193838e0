#pragma once
#include <cstddef>
#include <memory>

#include "llm/provider.hpp"

namespace evenkeel {

/// Reads `stream` to its end and gives it back as one batch, wire and events together. Errors: those of the stream;
/// bad_answer "too_large" where wire and text take more than `bytes_max`.
Task<Result<std::unique_ptr<ReplyStream>>> hold(std::unique_ptr<ReplyStream> stream, std::size_t bytes_max);

}  // namespace evenkeel

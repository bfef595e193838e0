#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/json_writer.hpp"
#include "core/message.hpp"
#include "core/result.hpp"
#include "llm/caller_body.hpp"

namespace evenkeel {

// A caller's body in the other dialect (protocols.md 3.12): for a lane that does not speak the caller's. What the other
// dialect has no word for is left out where the answer keeps its meaning, and is a `capacity` error where it would not.

/// What an Ollama lane sets itself.
struct OllamaLane {
    std::string_view model;
    bool stream = true;
    std::int64_t context_tokens = 8192;  ///< Always the same, since another num_ctx reloads the model.
    std::string_view keep_alive;         ///< A Go duration, or seconds; empty: Ollama's default.
};

/// The error for a body that the scan took for JSON and that cannot be read into values: a number beyond 64 bits. The
/// caller wrote it, so no provider is blamed.
std::unexpected<Error> cannot_translate();

/// The body for `/api/chat`, from either dialect; Ollama's own is kept but for what the lane sets.
/// Errors: capacity (n > 1, images by URL, audio, files: "unsupported_content"), request (a message that is none).
Result<std::string> ollama_body_of(const CallerBody& body, const OllamaLane& lane);

/// The body for `/v1/chat/completions` from Ollama's dialect; `model_json` with its quotes.
/// Errors: request (a message that is none).
Result<std::string> openai_body_of(const CallerBody& body, std::string_view model_json, bool stream);

/// The texts of a body's messages, for those who must recognise them: to scrub an error, to estimate. Lenient: what
/// cannot be read has no text.
std::vector<Turn> turns_of(const CallerBody& body);

/// A number is seconds and must not be quoted ("300" is refused); anything else is a Go duration. Empty: nothing.
void write_keep_alive(JsonWriter& json, std::string_view keep_alive);

}  // namespace evenkeel

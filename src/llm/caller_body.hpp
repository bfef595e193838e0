#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace evenkeel {

/// The two ways in which chat is spoken: `/v1/chat/completions`, and Ollama's `/api/chat`.
enum class Dialect : std::uint8_t { openai, ollama };

/// A caller's own request, read once and never written again: what the adapters splice into, or translate. Its slices
/// view `json`, which must outlive it and everything that was asked with it.
struct CallerBody {
    Dialect dialect = Dialect::openai;
    std::string_view json;  ///< One JSON object, valid UTF-8, at most 64 deep.

    /// Values of outer members as written (strings with their quotes); empty where absent. `null` counts as absent
    /// for all but `messages` in OpenAI's dialect; in Ollama's they may be absent, which reads as `[]`.
    struct Slices {
        std::string_view model, messages, stream, stream_options, include_usage, n;
    };
    Slices slices;

    std::string model;          ///< As asked for; empty: whatever there is.
    bool stream = false;        ///< Absent means false in OpenAI's dialect and true in Ollama's.
    bool wants_usage = false;   ///< stream_options.include_usage: a chunk with the tokens at the stream's end.
    std::uint32_t choices = 1;  ///< `n`: so many answers to one question. ≥ 1.
};

/// Most answers to one question; OpenAI's own limit.
inline constexpr std::uint32_t choices_max = 128;

/// Reads a body for chat. Errors: request, origin caller; code "invalid_json" (the detail says where it is wrong),
/// "missing_field", "invalid_value" or "duplicate_field" (the detail names the field).
Result<CallerBody> parse_caller_body(Dialect dialect, std::string_view json);

}  // namespace evenkeel

#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "core/secret.hpp"
#include "core/time.hpp"
#include "net/connection.hpp"

namespace evenkeel {

/// One `[[provider]]` of the configuration, as the adapters and the layers around them need it. Defaults are those of
/// the design's table; times are per try, and a caller's own deadline wins over each of them.
struct ProviderOptions {
    std::string name;       ///< In replies, logs, metrics: "nanogpt". Unique in a route.
    Endpoint endpoint;      ///< Where it lives; its connect_timeout (default 2 s) covers name, TCP and TLS.
    std::string base_path;  ///< "/api/v1"; no slash at its end. Ollama: empty, or the prefix of a proxy.
    std::string model;      ///< Asked for where the request names none.
    Secret api_key;         ///< Sent as "Authorization: Bearer"; empty: no such header.
    bool local = false;     ///< May private conversations go there?
    std::int64_t context_tokens = 128'000;  ///< The model's window, ≥ 512. Ollama: sent as num_ctx; use 8192 there.
    std::string keep_alive = "5m";          ///< Ollama only: how long the model stays loaded; a Go duration.

    std::size_t repeat_bytes_max = 4 * 1024;  ///< Of a text that only repeats itself; more is a bad answer; 0: any.

    std::optional<double> price_input;   ///< USD per million tokens, ≥ 0. Unset is unknown, never 0.
    std::optional<double> price_output;  ///< Likewise.

    // Clocks on content, run by the layers around the adapter.
    Millis first_content_timeout{10'000};  ///< From the question to the first content. Ollama: 120 s, it may load.
    Millis reasoning_timeout{120'000};     ///< Instead of it, once a reasoning delta was seen.
    Millis idle_timeout{15'000};           ///< Between two pieces of content or reasoning.
    Millis answer_timeout{120'000};        ///< A whole answer where no stream was asked.
    Millis total_timeout{600'000};         ///< Any try, streamed or not.
};

}  // namespace evenkeel

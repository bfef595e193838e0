#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "llm/caller_body.hpp"

namespace evenkeel {

/// A question for vectors, out of either dialect.
struct EmbedRequest {
    std::string model;       ///< Never empty: vectors of two models cannot be compared.
    std::string input;       ///< JSON: a string, or an array of strings, of tokens, or of arrays of tokens.
    std::size_t due = 1;     ///< So many vectors are to come back.
    bool of_tokens = false;  ///< `input` holds tokens, which only OpenAI's API takes.
    bool base64 = false;     ///< Each vector as base64 of little-endian floats of 32 bits.
    std::optional<std::int64_t> dimensions;  ///< 1 to embed_dimensions_max.
    std::string further;  ///< The caller's other members as `"name":value` with commas; for upstreams of `dialect`.
    Dialect dialect = Dialect::openai;
};

/// Most texts in one request; OpenAI's own limit.
inline constexpr std::size_t embed_inputs_max = 2'048;

/// Most numbers in a vector that may be asked for; models make some thousands.
inline constexpr std::int64_t embed_dimensions_max = 65'536;

/// What came back: the vectors in the order of the texts.
struct Embeddings {
    std::string model;  ///< The one that made them, as the upstream says.
    /// Each as JSON: an array of numbers, or a string of base64, as was asked.
    std::vector<std::string> vectors;
    std::int64_t input_tokens = 0;
};

/// Reads the body of `/v1/embeddings` or `/api/embed`. Errors: request, origin caller: "invalid_json", "missing_field",
/// "invalid_value"; the detail names the field.
Result<EmbedRequest> parse_embed_request(Dialect dialect, std::string_view json);

/// The body for an upstream of that dialect. Errors: capacity (tokens cannot be said in Ollama's).
Result<std::string> embed_body_of(const EmbedRequest& request, Dialect to);

/// Reads a reply in that dialect, vectors in the form that was asked. Errors: bad_answer of the provider (no vectors,
/// fewer or more than are due, one that is empty or holds something else than numbers).
Result<Embeddings> read_embeddings(const EmbedRequest& request, Dialect from, std::string_view body);

/// Do both names mean one model? "nomic" is "nomic:latest", and a server may add a version: "ada-002-v2".
bool is_same_embedding_model(std::string_view asked, std::string_view answered) noexcept;

}  // namespace evenkeel

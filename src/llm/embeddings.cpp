#include "llm/embeddings.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "core/json.hpp"
#include "core/json_writer.hpp"

namespace evenkeel {
namespace {

std::unexpected<Error> wrong(std::string_view name, std::string_view what) {
    return caller_fault("'" + std::string(name) + "' must be " + std::string(what), "invalid_value");
}

bool all_numbers(Json array) {
    return std::ranges::all_of(array.elements(), [](const Json& each) { return each.number().has_value(); });
}

/// Tells by its first element what an array holds, then demands the same of all.
Result<void> read_input(Json input, EmbedRequest& request) {
    constexpr std::string_view forms = "a string, an array of strings, or tokens";
    request.input = input.to_text();
    if (input.string()) return {};
    if (!input.is_array()) return wrong("input", forms);
    const auto elements = input.elements();
    request.due = elements.size();
    if (elements.empty()) return {};
    const Json::Kind kind = elements.front().kind();
    if (kind == Json::Kind::number) request.due = 1;
    if (request.due > embed_inputs_max) return wrong("input", "at most 2048 texts");
    request.of_tokens = kind == Json::Kind::number || kind == Json::Kind::array;
    for (const Json& each : elements) {
        const bool fits =
            each.kind() == kind && (each.string() || each.integer() || (each.size() > 0 && all_numbers(each)));
        if (!fits) return wrong("input", forms);
    }
    return {};
}

Result<void> read_form(Json root, EmbedRequest& request) {
    if (const Json dimensions = root["dimensions"]; !dimensions.is_nothing()) {
        request.dimensions = dimensions.integer();
        if (!request.dimensions || *request.dimensions < 1 || *request.dimensions > embed_dimensions_max)
            return wrong("dimensions", "a whole number from 1 to 65536");
    }
    const Json format = root["encoding_format"];
    if (request.dialect == Dialect::ollama || format.is_nothing()) return {};
    if (format.string() != "float" && format.string() != "base64") return wrong("encoding_format", "float or base64");
    request.base64 = format.string() == "base64";
    return {};
}

/// The numbers as little-endian floats of 32 bits, as base64 in quotes.
std::string base64_of(const std::vector<Json>& numbers) {
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string bytes;
    for (const Json& number : numbers) {
        const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(number.number().value_or(0)));
        for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(bits >> shift & 0xff);
    }
    std::string text = "\"";
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const std::size_t given = std::min<std::size_t>(3, bytes.size() - at);
        std::uint32_t group = 0;
        for (std::size_t i = 0; i < 3; ++i)
            group = group << 8 | (i < given ? static_cast<unsigned char>(bytes[at + i]) : 0U);
        for (std::size_t i = 0; i < 4; ++i) text += i <= given ? digits[group >> (18 - 6 * i) & 0x3f] : '=';
    }
    return text + "\"";
}

std::unexpected<Error> bad(std::string detail) {
    return provider_fault(ErrorClass::bad_answer, Scope::provider, std::move(detail), "bad_embeddings");
}

/// One vector in the form that was asked for. A server that cannot do base64 sends numbers.
Result<std::string> vector_of(Json vector, bool base64) {
    if (base64 && !vector.string_or("").empty()) return vector.to_text();
    if (vector.size() == 0 || !all_numbers(vector)) return bad("sent something else than numbers for a vector");
    return base64 ? base64_of(vector.elements()) : vector.to_text();
}

}  // namespace

Result<EmbedRequest> parse_embed_request(Dialect dialect, std::string_view json) {
    JsonDoc document;
    const auto parsed = document.parse(json);
    if (!parsed) return caller_fault("the body is no JSON: " + parsed.error().detail, "invalid_json");
    const Json root = *parsed;
    if (!root.is_object()) return caller_fault("the body must be a JSON object", "invalid_json");
    EmbedRequest request{.dialect = dialect};
    if (!root["model"].is_nothing() && !root["model"].string()) return wrong("model", "a string");
    request.model = root["model"].string_or("");
    // Ollama's older API has a `prompt`.
    const Json input = dialect == Dialect::ollama && root["input"].is_nothing() ? root["prompt"] : root["input"];
    if (input.is_nothing()) return caller_fault("'input' is missing", "missing_field");
    if (auto read = read_input(input, request); !read) return fail(std::move(read.error()));
    if (auto read = read_form(root, request); !read) return fail(std::move(read.error()));
    constexpr std::array known =
        std::to_array<std::string_view>({"model", "input", "prompt", "dimensions", "encoding_format", "stream"});
    for (const auto& [name, value] : root.members()) {
        if (std::ranges::find(known, name) != known.end()) continue;
        if (!request.further.empty()) request.further += ',';
        append_json_string(request.further, name);
        request.further += ':' + value.to_text();
    }
    return request;
}

Result<std::string> embed_body_of(const EmbedRequest& request, Dialect to) {
    if (to == Dialect::ollama && request.of_tokens)
        return caller_fault("it takes texts, not tokens", "unsupported_content", ErrorClass::capacity);
    std::string out;
    JsonWriter json(out);
    json.object().member("model", std::string_view(request.model)).name("input").raw(request.input);
    if (request.dimensions) json.member("dimensions", *request.dimensions);
    if (to == Dialect::openai) json.member("encoding_format", request.base64 ? "base64" : "float");
    if (request.dialect == to && !request.further.empty()) {
        out += ',' + request.further;
    } else if (to == Dialect::ollama) {
        // Ollama would cut a text that is too long without a word, and its vector would be another text's.
        json.member("truncate", false);
    }
    json.end_object();
    return out;
}

Result<Embeddings> read_embeddings(const EmbedRequest& request, Dialect from, std::string_view body) {
    JsonDoc document;
    const auto parsed = document.parse(body);
    if (!parsed) return bad("sent no JSON");
    const Json root = *parsed;
    const auto vectors = root[from == Dialect::ollama ? "embeddings" : "data"].elements();
    if (vectors.size() != request.due)
        return bad("sent " + std::to_string(vectors.size()) + " vectors for " + std::to_string(request.due) + " texts");
    Embeddings answer{.model = std::string(root["model"].string_or("")), .vectors = {}};
    answer.vectors.resize(vectors.size());
    for (std::size_t i = 0; i < vectors.size(); ++i) {
        const bool plain = from == Dialect::ollama;
        const auto place = static_cast<std::size_t>(
            plain ? static_cast<std::int64_t>(i) : vectors[i]["index"].integer_or(static_cast<std::int64_t>(i)));
        if (place >= vectors.size() || !answer.vectors[place].empty()) return bad("numbered its vectors wrongly");
        auto vector = vector_of(plain ? vectors[i] : vectors[i]["embedding"], request.base64);
        if (!vector) return fail(std::move(vector.error()));
        answer.vectors[place] = std::move(*vector);
    }
    answer.input_tokens = from == Dialect::ollama ? root["prompt_eval_count"].integer_or(0)
                                                  : root["usage"]["prompt_tokens"].integer_or(0);
    return answer;
}

bool is_same_embedding_model(std::string_view asked, std::string_view answered) noexcept {
    if (asked == answered) return true;
    if (asked.size() > answered.size()) std::swap(asked, answered);
    if (asked.empty() || !answered.starts_with(asked)) return false;
    const std::string_view more = answered.substr(asked.size());
    return more == ":latest" || more.starts_with("-v");
}

}  // namespace evenkeel

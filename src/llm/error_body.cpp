#include "llm/error_body.hpp"

#include <charconv>
#include <utility>

#include "core/text.hpp"
#include "llm/judge.hpp"

namespace evenkeel {
namespace {

bool is_status(std::int64_t number) noexcept { return number >= 400 && number <= 599; }

/// Codes come as words, as numbers, and as numbers in quotes.
std::string word_of(Json value) {
    if (const auto number = value.integer()) return std::to_string(*number);
    return std::string(value.string_or(""));
}

void take_code(ErrorBody& error, Json value) {
    const std::string word = word_of(value);
    int number = 0;
    const auto [end, failure] = std::from_chars(word.data(), word.data() + word.size(), number);
    const bool whole = failure == std::errc{} && end == word.data() + word.size();
    if (whole && is_status(number))
        error.status = number;  // A number that is a status says nothing more than the status.
    else if (!word.empty())
        error.code = word;
}

/// Google: details[] holds {"@type": "…RetryInfo", "retryDelay": "37s"}.
std::optional<Millis> retry_delay_of(Json error) {
    for (const Json& detail : error["details"].elements())
        if (const auto delay = detail["retryDelay"].string()) return parse_duration(*delay);
    return std::nullopt;
}

void take_fields(ErrorBody& error, Json from) {
    take_code(error, from["code"]);
    // Azure names the rule that was broken only inside; OpenRouter the vendor's own words.
    if (const auto inner = from["innererror"]["code"].string(); inner && error.code.empty()) error.code = *inner;
    if (error.type.empty()) error.type = from["type"].string_or(from["error_type"].string_or(""));
    if (error.type.empty()) error.type = from["status"].string_or("");
    if (error.param.empty()) error.param = from["param"].string_or("");
    if (const auto status = from["status"].integer(); status && is_status(*status))
        error.status = static_cast<int>(*status);
    if (error.message.empty()) error.message = from["message"].string_or("");
    if (!error.retry_delay) error.retry_delay = retry_delay_of(from);
}

/// The member `error`, in whichever form; null, false, "", 0 and {} are not errors.
std::optional<ErrorBody> from_member(Json root) {
    const Json value = root["error"];
    ErrorBody error;
    switch (value.kind()) {
        case Json::Kind::object:
            if (value.size() == 0) return std::nullopt;
            take_fields(error, value);
            break;
        case Json::Kind::string:
            if (value.string()->empty()) return std::nullopt;
            error.message = *value.string();
            break;
        case Json::Kind::number:
            if (value.number() == 0.0) return std::nullopt;
            take_code(error, value);
            break;
        case Json::Kind::boolean:
            if (!*value.boolean()) return std::nullopt;
            break;
        case Json::Kind::array:
            if (value.size() == 0) return std::nullopt;
            take_fields(error, value.at(0));
            break;
        default: return std::nullopt;
    }
    // Legacy bodies keep the status beside the string; LM Studio and MiniMax the message.
    take_fields(error, root);
    return error;
}

bool looks_like_a_reply(Json root) {
    return root["choices"].size() > 0 || root["usage"].is_object() || root["message"].is_object() ||
           root["delta"].is_object();
}

std::optional<ErrorBody> from_other_shapes(Json root) {
    ErrorBody error;
    if (const auto code = root["base_resp"]["status_code"].integer(); code && *code != 0) {
        error.code = "base_resp_" + std::to_string(*code);
        error.message = root["base_resp"]["status_msg"].string_or("");
        return error;
    }
    if (looks_like_a_reply(root)) return std::nullopt;
    if (const Json detail = root["detail"]; !detail.is_nothing()) {
        take_fields(error, root);
        take_fields(error, detail.is_array() ? detail.at(0) : detail);
        if (error.message.empty()) error.message = detail.string_or(detail.at(0)["msg"].string_or(""));
        return error;
    }
    if (const Json first = root["errors"].at(0); !first.is_nothing()) {
        take_fields(error, first);
        if (error.message.empty()) error.message = first.string_or("");
        return error;
    }
    const bool says_error = root["object"].string() == "error" || root["type"].string() == "error";
    const bool code_and_words = !root["code"].is_nothing() && root["message"].string().has_value();
    if (!says_error && !code_and_words) return std::nullopt;
    take_fields(error, root);
    return error;
}

}  // namespace

std::optional<ErrorBody> find_error(Json value) {
    if (value.is_array()) return value.size() > 0 && value.at(0).is_object() ? find_error(value.at(0)) : std::nullopt;
    if (auto error = from_member(value)) return error;
    return from_other_shapes(value);
}

ErrorBody read_error_body(std::string_view body) {
    const BodyKind kind = sniff(body);
    if (kind == BodyKind::document) {
        JsonDoc document;
        if (const auto root = document.parse(body))
            if (auto error = find_error(*root)) return std::move(*error);
        return {};
    }
    ErrorBody error;
    if (kind == BodyKind::events) error.message = body;
    return error;
}

}  // namespace evenkeel

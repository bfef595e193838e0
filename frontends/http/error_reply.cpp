#include "frontends/http/error_reply.hpp"

#include <algorithm>

#include "core/json_writer.hpp"

namespace evenkeel {
namespace {

/// Longer waits are ignored by one client library and end the retries of the other.
constexpr std::int64_t retry_after_max_s = 60;
/// Where nobody knows: a breaker's usual time to its first probes.
constexpr std::int64_t retry_after_guess_s = 5;

struct Told {
    int status;
    std::string_view type;  ///< OpenAI's.
    std::string_view code;  ///< OpenAI's; empty: null.
    enum class Again : std::uint8_t { unsaid, yes, no } again = Again::unsaid;
};

bool is_client_error(int status) noexcept { return status >= 400 && status < 500; }

/// What the caller himself did, or what his key allows.
Told own_doing(const Error& error) {
    using Again = Told::Again;
    const std::string_view code = error.code;
    switch (error.cls) {
        case ErrorClass::account: return {401, "invalid_request_error", code.empty() ? "invalid_api_key" : code};
        case ErrorClass::policy: return {error.http_status == 403 ? 403 : 400, "invalid_request_error", code};
        case ErrorClass::capacity: return {400, "invalid_request_error", code};
        case ErrorClass::model_gone: return {404, "invalid_request_error", "model_not_found"};
        case ErrorClass::silent: return {504, "server_error", "timeout", Again::no};
        case ErrorClass::overload:
            return {429, code == "insufficient_quota" ? code : "rate_limit_error", code,
                    code == "insufficient_quota" ? Again::no : Again::yes};
        default: return {is_client_error(error.http_status) ? error.http_status : 400, "invalid_request_error", code};
    }
}

Told told_of(const Error& error) {
    using Again = Told::Again;
    const std::string_view code = error.code;
    if (error.origin == Origin::caller) return own_doing(error);
    switch (error.cls) {
        case ErrorClass::request:
            return {is_client_error(error.http_status) ? error.http_status : 400, "invalid_request_error", code};
        case ErrorClass::capacity:
            return {400, "invalid_request_error", code.empty() ? "context_length_exceeded" : code};
        case ErrorClass::policy: return {400, "invalid_request_error", code.empty() ? "content_filter" : code};
        case ErrorClass::model_gone: return {404, "invalid_request_error", "model_not_found"};
        case ErrorClass::internal: return {500, "server_error", code};
        case ErrorClass::storage: return {503, "server_error", code, Again::yes};
        // Asking again helps nobody before an operator has acted.
        case ErrorClass::account: return {503, "server_error", all_unavailable_code, Again::no};
        default: return {503, "server_error", all_unavailable_code, Again::yes};
    }
}

std::string message_of(const Error& error, const Told& told) {
    if (told.code == all_unavailable_code) return "No provider could answer: " + error.detail + ". Ask again later.";
    return error.detail.empty() ? std::string("The request failed.") : error.detail;
}

std::string body_of(Dialect dialect, const Error& error, const Told& told) {
    std::string body;
    JsonWriter json(body);
    const std::string message = message_of(error, told);
    json.object();
    if (dialect == Dialect::ollama) {
        json.member("error", std::string_view(told.status == 401 ? "unauthorized" : message)).end_object();
        return body;
    }
    json.name("error").object().member("message", std::string_view(message)).member("type", told.type);
    json.name("param").null().name("code");
    if (told.code.empty())
        json.null();
    else
        json.value(told.code);
    json.end_object().end_object();
    return body;
}

}  // namespace

ErrorReply error_reply(Dialect dialect, const Error& error) {
    const Told told = told_of(error);
    ErrorReply reply{.status = told.status, .fields = {}, .body = body_of(dialect, error, told)};
    if (told.again == Told::Again::unsaid) return reply;
    const bool again = told.again == Told::Again::yes;
    const auto stated =
        error.retry_after ? std::chrono::ceil<Seconds>(*error.retry_after).count() : retry_after_guess_s;
    reply.fields = "Retry-After: " + std::to_string(std::clamp<std::int64_t>(stated, 1, retry_after_max_s)) +
                   "\r\nx-should-retry: " + (again ? "true" : "false") + "\r\n";
    return reply;
}

std::string error_in_stream(Dialect dialect, const Error& error) {
    const std::string body = body_of(dialect, error, told_of(error));
    return dialect == Dialect::ollama ? body + "\n" : "data: " + body + "\n\n";
}

}  // namespace evenkeel

#include "llm/classify.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "core/text.hpp"
#include "llm/retry_after.hpp"

namespace evenkeel {
namespace {

struct Meaning {
    ErrorClass cls;
    Scope scope;
    /// Out of money or quota: with a Retry-After of less than an hour it was only a limit in flight (OpenRouter's 402,
    /// Google's "exceeded your current quota").
    bool may_be_short = false;
};

constexpr Meaning key{ErrorClass::account, Scope::credential};
constexpr Meaning funds{ErrorClass::account, Scope::credential, true};
constexpr Meaning address{ErrorClass::account, Scope::provider};  // A base URL that leads elsewhere.
constexpr Meaning busy{ErrorClass::overload, Scope::provider};
constexpr Meaning too_long{ErrorClass::capacity, Scope::model};
constexpr Meaning filtered{ErrorClass::policy, Scope::request};
constexpr Meaning gone{ErrorClass::model_gone, Scope::model};
constexpr Meaning empty{ErrorClass::bad_answer, Scope::provider};
constexpr Meaning passing{ErrorClass::transient, Scope::provider};
constexpr Meaning wrong{ErrorClass::request, Scope::request};

struct ByWord {
    std::string_view word;
    Meaning means;
};

/// Codes that say the same wherever they come from. Lower case.
constexpr std::array codes{
    // Key and permission.
    ByWord{"invalid_api_key", key},
    ByWord{"missing_api_key", key},
    ByWord{"invalid_authentication", key},
    ByWord{"authentication_error", key},
    ByWord{"api_key_origin_not_allowed", key},
    ByWord{"permission_denied", key},
    ByWord{"account_deactivated", key},
    ByWord{"unsupported_country_region_territory", key},
    ByWord{"unauthenticated", key},
    ByWord{"base_resp_1004", key},
    ByWord{"base_resp_2049", key},
    // Money and daily limits. NanoGPT's daily limits count to midnight and are meant, however near that is.
    ByWord{"daily_rpd_limit_exceeded", key},
    ByWord{"daily_usd_limit_exceeded", key},
    ByWord{"insufficient_quota", funds},
    ByWord{"insufficient_balance", funds},
    ByWord{"credit_balance_exhausted", funds},
    ByWord{"billing_hard_limit_reached", funds},
    ByWord{"billing_not_active", funds},
    ByWord{"payment_required", funds},
    ByWord{"memory_balance_required", funds},
    ByWord{"websearch_balance_required", funds},
    ByWord{"both_balance_required", funds},
    ByWord{"base_resp_1008", funds},
    // Too much at once.
    ByWord{"rate_limit_exceeded", busy},
    ByWord{"rate_limited", busy},
    ByWord{"slow_down", busy},
    ByWord{"server_is_overloaded", busy},
    ByWord{"engine_overloaded", busy},
    ByWord{"overloaded_error", busy},
    ByWord{"service_unavailable", busy},
    ByWord{"all_fallbacks_failed", busy},
    ByWord{"no_fallback_available", busy},
    ByWord{"fallback_blocked_for_cache_consistency", busy},
    ByWord{"base_resp_1002", busy},
    ByWord{"base_resp_1039", busy},
    // Not for this model.
    ByWord{"context_length_exceeded", too_long},
    ByWord{"context_window_exceeded", too_long},
    ByWord{"exceed_context_size_error", too_long},
    ByWord{"image_input_not_supported", too_long},
    ByWord{"unsupported_input_modality", too_long},
    // Refused for its content.
    ByWord{"content_policy_violation", filtered},
    ByWord{"content_filter", filtered},
    ByWord{"responsibleaipolicyviolation", filtered},
    ByWord{"data_inspection_failed", filtered},
    ByWord{"base_resp_1026", filtered},
    ByWord{"base_resp_1027", filtered},
    // The model.
    ByWord{"model_not_found", gone},
    ByWord{"model_not_available", gone},
    ByWord{"model_not_allowed", gone},
    ByWord{"deploymentnotfound", gone},
    // An answer that is none, and failures of theirs.
    ByWord{"empty_response", empty},
    ByWord{"server_error", passing},
    ByWord{"internal_error", passing},
    ByWord{"internal_server_error", passing},
    ByWord{"timeout", passing},
};

/// Two pieces that stand in the message in this order; the second may be empty. Lower case.
struct ByText {
    std::string_view first, second;
    Meaning means;
};

constexpr std::array texts{
    ByText{"maximum pending requests exceeded", "", busy},
    ByText{"server busy", "", busy},
    ByText{"requires more system memory", "", {ErrorClass::overload, Scope::model}},
    ByText{"exceeds the context length", "", too_long},
    ByText{"maximum context length", "", too_long},
    ByText{"exceeds the available context size", "", too_long},
    ByText{"exceed", "context window", too_long},
    ByText{"prompt is too long", "", too_long},
    ByText{"input is too long", "", too_long},
    ByText{"content management policy", "", filtered},
    ByText{"content policy", "", filtered},
    ByText{"input was flagged", "", filtered},
    ByText{"runner process has terminated", "", passing},
    ByText{"error was encountered while running the model", "", passing},
    ByText{"timed out waiting for", "runner", passing},
    ByText{"exceeds file size", "", gone},      // The model's file is cut short: only a pull mends it.
    ByText{"does not support chat", "", gone},  // Its file is missing: it can be asked for nothing else either.
    ByText{"try pulling it first", "", gone},
    ByText{"model", "not found", gone},
    ByText{"model", "does not exist", gone},
    ByText{"no endpoints found", "", gone},
    ByText{"does not support", "", wrong},
    ByText{"must be of type", "", wrong},
    ByText{"invalid format", "", wrong},
    ByText{"invalid json schema", "", wrong},
    ByText{"incorrect api key", "", key},
    ByText{"invalid api key", "", key},
    ByText{"insufficient balance", "", funds},
    ByText{"insufficient credits", "", funds},
    ByText{"exceeded your current quota", "", funds},
    ByText{"unexpected endpoint", "", address},
    ByText{"invalid url", "", address},
};

struct ByStatus {
    int from, to;
    Meaning means;
};

constexpr std::array statuses{
    ByStatus{300, 399, address}, ByStatus{401, 401, key},     ByStatus{402, 402, funds},   ByStatus{403, 403, key},
    ByStatus{404, 404, address}, ByStatus{405, 405, address}, ByStatus{407, 407, address}, ByStatus{408, 408, passing},
    ByStatus{410, 410, gone},    ByStatus{424, 425, passing}, ByStatus{429, 429, busy},    ByStatus{498, 498, busy},
    ByStatus{499, 499, passing}, ByStatus{503, 503, busy},    ByStatus{529, 529, busy},    ByStatus{400, 499, wrong},
    ByStatus{500, 599, passing},
};

/// Broader words beside a code; they decide only where there is no status.
constexpr std::array types{
    ByWord{"authentication_error", key}, ByWord{"permission_error", key},        ByWord{"permission_denied_error", key},
    ByWord{"insufficient_quota", funds}, ByWord{"rate_limit_error", busy},       ByWord{"overloaded_error", busy},
    ByWord{"service_unavailable", busy}, ByWord{"resource_exhausted", busy},     ByWord{"not_found_error", gone},
    ByWord{"notfounderror", gone},       ByWord{"invalid_request_error", wrong}, ByWord{"badrequesterror", wrong},
};

template <class Table>
std::optional<Meaning> by_word(const Table& table, std::string_view word) {
    if (word.empty()) return std::nullopt;
    const auto row =
        std::ranges::find_if(table, [&](const ByWord& each) { return equals_ignoring_case(each.word, word); });
    return row != table.end() ? std::optional(row->means) : std::nullopt;
}

std::optional<Meaning> by_text(std::string_view message) {
    // Providers put what matters first; a message of megabytes is not worth more.
    const std::string lower = to_lower(message.substr(0, 4096));
    for (const ByText& row : texts) {
        const std::size_t at = lower.find(row.first);
        if (at != std::string::npos && lower.find(row.second, at + row.first.size()) != std::string::npos)
            return row.means;
    }
    return std::nullopt;
}

std::optional<Meaning> by_status(int status) {
    const auto row =
        std::ranges::find_if(statuses, [&](const ByStatus& each) { return status >= each.from && status <= each.to; });
    return row != statuses.end() ? std::optional(row->means) : std::nullopt;
}

Meaning meaning_of(const ErrorBody& body, int status) {
    if (const auto code = by_word(codes, body.code)) return *code;
    // 429 with type insufficient_quota is the one case in which the type says more than the status.
    if (equals_ignoring_case(body.type, "insufficient_quota")) return funds;
    // A request is given up for its words only where the status leaves it open: Ollama says 500 for a wrong option.
    const bool open = status == 0 || status == 400 || status == 500;
    if (const auto text = by_text(body.message); text && (open || text->cls != ErrorClass::request)) return *text;
    // A JSON error on 404 speaks of the model; anything else of an address where no such API lives.
    if (status == 404 && !(body.code.empty() && body.type.empty())) return gone;
    if (const auto known = by_status(status)) return *known;
    return by_word(types, body.type).value_or(passing);
}

constexpr Millis short_wait = std::chrono::hours{1};

Meaning weighed(Meaning means, int status, std::optional<Millis> retry_after) {
    if (means.may_be_short && retry_after && *retry_after < short_wait) return busy;
    // Whoever says 429 and asks for hours means a daily limit.
    if (means.cls == ErrorClass::overload && status == 429 && retry_after && *retry_after >= short_wait) return key;
    return means;
}

Origin origin_of(ErrorClass cls) {
    const bool callers = cls == ErrorClass::request || cls == ErrorClass::policy || cls == ErrorClass::capacity;
    return callers ? Origin::caller : Origin::provider;
}

}  // namespace

Error classify(const Refusal& refusal) {
    const bool inside_a_reply = refusal.status >= 200 && refusal.status <= 299;
    const int status = inside_a_reply ? refusal.body.status : refusal.status;
    auto retry_after = refusal.retry_after ? refusal.retry_after : refusal.body.retry_delay;
    if (retry_after) retry_after = std::clamp(*retry_after, Millis{0}, retry_after_max);
    const Meaning means = weighed(meaning_of(refusal.body, status), status, retry_after);
    const std::string& code = refusal.body.code.empty() ? refusal.body.type : refusal.body.code;
    return Error{.cls = means.cls,
                 .origin = origin_of(means.cls),
                 .scope = means.scope,
                 .http_status = refusal.status,
                 .code = code,
                 .retry_after = retry_after,
                 .detail = refusal.body.message};
}

}  // namespace evenkeel

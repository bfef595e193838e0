#include "llm/classify.hpp"

#include <gtest/gtest.h>

namespace evenkeel {
namespace {

using namespace std::chrono_literals;
using enum ErrorClass;

/// One refusal as it came, and what it means. The bodies are those of protocols and of Ollama 0.17.4 as observed.
struct Case {
    int status;
    std::string_view body;
    ErrorClass cls;
    Scope scope;
    std::string_view code = "";
};

const Case cases[] = {
    // NanoGPT.
    {400, R"({"error":{"message":"m","type":"invalid_request_error","code":"missing_required_parameter"}})", request,
     Scope::request, "missing_required_parameter"},
    {400, R"({"error":{"message":"m","code":"context_length_exceeded"}})", capacity, Scope::model,
     "context_length_exceeded"},
    {400, R"({"error":{"message":"m","code":"content_policy_violation"}})", policy, Scope::request,
     "content_policy_violation"},
    {400, R"({"error":{"message":"m","code":"empty_response"}})", bad_answer, Scope::provider, "empty_response"},
    {400, R"({"error":{"message":"m","code":"image_input_not_supported"}})", capacity, Scope::model,
     "image_input_not_supported"},
    {401, R"({"error":{"message":"m","code":"missing_api_key"}})", account, Scope::credential, "missing_api_key"},
    {403, R"({"error":{"message":"m","code":"api_key_origin_not_allowed"}})", account, Scope::credential,
     "api_key_origin_not_allowed"},
    {402, R"({"error":"Insufficient balance","status":402,"requiredBalance":0.0035})", account, Scope::credential},
    {404, R"({"error":{"message":"m","type":"not_found_error","code":"model_not_found"}})", model_gone, Scope::model,
     "model_not_found"},
    {404, R"({"error":{"message":"m","code":"model_not_available"}})", model_gone, Scope::model, "model_not_available"},
    {408, "", transient, Scope::provider},
    {409, R"({"error":{"message":"conflict"}})", request, Scope::request},
    {413, "", request, Scope::request},
    {415, R"({"error":{"code":"unsupported_content_encoding"}})", request, Scope::request,
     "unsupported_content_encoding"},
    {422, R"({"detail":[{"loc":["body"],"msg":"field required","type":"value_error"}]})", request, Scope::request,
     "value_error"},
    {429, R"({"error":{"message":"m","code":"rate_limit_exceeded"}})", overload, Scope::provider,
     "rate_limit_exceeded"},
    {429, R"({"code":"rate_limited","message":"slow"})", overload, Scope::provider, "rate_limited"},
    {429, R"({"error":{"message":"m","code":"daily_rpd_limit_exceeded"}})", account, Scope::credential,
     "daily_rpd_limit_exceeded"},
    {429, R"({"error":{"message":"m","code":"daily_usd_limit_exceeded"}})", account, Scope::credential,
     "daily_usd_limit_exceeded"},
    {500, R"({"error":{"message":"m","type":"server_error"}})", transient, Scope::provider, "server_error"},
    {502, "<html>Bad Gateway</html>", transient, Scope::provider},
    {503, R"({"error":{"message":"m","code":"all_fallbacks_failed"}})", overload, Scope::provider,
     "all_fallbacks_failed"},
    {503, R"({"error":{"message":"m","code":"no_fallback_available"}})", overload, Scope::provider,
     "no_fallback_available"},
    {503, R"({"error":{"message":"m","code":"fallback_blocked_for_cache_consistency"}})", overload, Scope::provider,
     "fallback_blocked_for_cache_consistency"},
    {504, "", transient, Scope::provider},
    // OpenAI, Azure, OpenRouter, Google and others.
    {401,
     R"({"error":{"message":"Incorrect API key provided","type":"invalid_request_error","param":null,)"
     R"("code":"invalid_api_key"}})",
     account, Scope::credential, "invalid_api_key"},
    {429,
     R"({"error":{"message":"You exceeded your current quota","type":"insufficient_quota","param":null,)"
     R"("code":"insufficient_quota"}})",
     account, Scope::credential, "insufficient_quota"},
    {429, R"({"error":{"message":"m","type":"insufficient_quota","param":null,"code":null}})", account,
     Scope::credential, "insufficient_quota"},
    {429, R"({"error":{"message":"Rate limit reached","type":"tokens","code":"rate_limit_exceeded"}})", overload,
     Scope::provider, "rate_limit_exceeded"},
    {404,
     R"~({"error":{"message":"Invalid URL (POST /v1/x)","type":"invalid_request_error","param":null,"code":null}})~",
     account, Scope::provider, "invalid_request_error"},
    {400,
     R"({"error":{"message":"This model's maximum context length is 8192 tokens.",)"
     R"("type":"invalid_request_error","code":null}})",
     capacity, Scope::model, "invalid_request_error"},
    {400,
     R"({"error":{"message":"m","type":null,"code":"content_filter","status":400,)"
     R"("innererror":{"code":"ResponsibleAIPolicyViolation"}}})",
     policy, Scope::request, "content_filter"},
    {400, R"({"error":{"message":"m","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation"}}})", policy,
     Scope::request, "ResponsibleAIPolicyViolation"},
    {403, R"({"error":{"code":403,"message":"Your chosen model requires moderation and your input was flagged"}})",
     policy, Scope::request},
    {404, R"({"error":{"code":404,"message":"No endpoints found for x/y."}})", model_gone, Scope::model},
    {429,
     R"([{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"You exceeded your current quota",)"
     R"("details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"37s"}]}}])",
     overload, Scope::provider, "RESOURCE_EXHAUSTED"},
    {503, R"({"error":{"code":"model_not_found","message":"no channel for model"}})", model_gone, Scope::model,
     "model_not_found"},
    {529, R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})", overload, Scope::provider,
     "overloaded_error"},
    {524, "<html>A timeout occurred</html>", transient, Scope::provider},
    {498, "", overload, Scope::provider},
    {499, "", transient, Scope::provider},
    {301, "", account, Scope::provider},
    {404, "404 page not found", account, Scope::provider},
    {405, "405 method not allowed", account, Scope::provider},
    {410, "", model_gone, Scope::model},
    {418, "", request, Scope::request},
    // Ollama 0.17.4.
    {404, R"({"error":"model 'nope' not found"})", model_gone, Scope::model},
    {404, R"({"error":"model \"nope\" not found, try pulling it first"})", model_gone, Scope::model},
    {404, R"({"error":{"message":"model 'nope' not found","type":"api_error","param":null,"code":null}})", model_gone,
     Scope::model, "api_error"},
    {400, R"({"error":"missing request body"})", request, Scope::request},
    {400,
     R"({"error":"json: cannot unmarshal string into Go struct field ChatRequest.messages of type []api.Message"})",
     request, Scope::request},
    {500, R"({"error":"option \"temperature\" must be of type float32"})", request, Scope::request},
    {500, R"({"error":"invalid format: \"xml\"; expected \"json\" or a valid JSON Schema object"})", request,
     Scope::request},
    {500, R"({"error":"invalid JSON schema in format"})", request, Scope::request},
    {400, R"({"error":"registry.ollama.ai/library/smollm2:latest does not support tools"})", request, Scope::request},
    {400, R"({"error":"\"smollm2:135m\" does not support thinking"})", request, Scope::request},
    {400, R"({"error":"\"smollm2:135m\" does not support chat"})", model_gone, Scope::model},
    {503, R"({"error":"server busy, please try again.  maximum pending requests exceeded"})", overload,
     Scope::provider},
    {400, R"({"error":"the input length exceeds the context length"})", capacity, Scope::model},
    {500, R"({"error":"llama runner process has terminated: signal: killed"})", transient, Scope::provider},
    {500, R"({"error":"an error was encountered while running the model: unexpected EOF"})", transient,
     Scope::provider},
    {500, R"({"error":"timed out waiting for llama runner to start"})", transient, Scope::provider},
    {500, R"~({"error":"tensor \"blk.16.ffn_down.weight\" offset+size (50153536) exceeds file size (50000000)"})~",
     model_gone, Scope::model},
    {500, R"~({"error":"model requires more system memory (8.4 GiB) than is available (3.1 GiB)"})~", overload,
     Scope::model},
    {403, "", account, Scope::credential},
    {403, R"({"error":{"message":"This service does not support your region"}})", account, Scope::credential},
    {503, R"({"error":{"message":"The gateway does not support this now"}})", overload, Scope::provider},
    {401, R"({"error":"unauthorized","signin_url":"https://ollama.com"})", account, Scope::credential},
};

TEST(Classify, knows_what_a_refusal_means) {
    for (const Case& each : cases) {
        const Error error = classify({.status = each.status, .body = read_error_body(each.body)});
        EXPECT_EQ(error.cls, each.cls) << each.status << ' ' << each.body << ": " << describe(error);
        EXPECT_EQ(error.scope, each.scope) << each.status << ' ' << each.body;
        EXPECT_EQ(error.code, each.code) << each.status << ' ' << each.body;
        EXPECT_EQ(error.http_status, each.status) << each.body;
        const bool callers = each.cls == request || each.cls == policy || each.cls == capacity;
        EXPECT_EQ(error.origin, callers ? Origin::caller : Origin::provider) << each.body;
    }
}

TEST(Classify, trusts_the_status_that_an_error_under_200_names) {
    EXPECT_EQ(classify({.status = 200, .body = read_error_body(R"({"error":{"code":401,"message":"m"}})")}).cls,
              account);
    EXPECT_EQ(classify({.status = 200, .body = read_error_body(R"({"error":{"code":"503","message":"m"}})")}).cls,
              overload);
    EXPECT_EQ(classify({.status = 200, .body = read_error_body(R"({"error":{"type":"rate_limit_error"}})")}).cls,
              overload);
    EXPECT_EQ(classify({.status = 200, .body = read_error_body(R"({"error":"boom"})")}).cls, transient);
}

TEST(Classify, takes_hours_of_retry_after_on_429_for_a_daily_limit) {
    const ErrorBody limit = read_error_body(R"({"error":{"code":"rate_limit_exceeded"}})");
    EXPECT_EQ(classify({.status = 429, .body = limit, .retry_after = 59min}).cls, overload);
    EXPECT_EQ(classify({.status = 429, .body = limit, .retry_after = 1h}).cls, account);
    EXPECT_EQ(classify({.status = 503, .body = {}, .retry_after = 10h}).cls, overload);
}

TEST(Classify, takes_a_short_retry_after_on_402_for_a_limit_in_flight) {
    const Error brief = classify({.status = 402, .body = {}, .retry_after = 5s});
    EXPECT_EQ(brief.cls, overload);
    EXPECT_EQ(brief.retry_after, 5s);
    EXPECT_EQ(classify({.status = 402, .body = {}}).cls, account);
    const ErrorBody daily = read_error_body(R"({"error":{"code":"daily_usd_limit_exceeded"}})");
    EXPECT_EQ(classify({.status = 429, .body = daily, .retry_after = 5min}).cls, account) << "midnight may be near";
}

TEST(Classify, prefers_the_header_to_the_body_and_caps_both) {
    ErrorBody body;
    body.retry_delay = 37s;
    EXPECT_EQ(classify({.status = 503, .body = body}).retry_after, 37s);
    EXPECT_EQ(classify({.status = 503, .body = body, .retry_after = 3s}).retry_after, 3s);
    EXPECT_EQ(classify({.status = 503, .body = {}, .retry_after = 900h}).retry_after, 24h);
    EXPECT_EQ(classify({.status = 503, .body = {}}).retry_after, std::nullopt);
}

}  // namespace
}  // namespace evenkeel

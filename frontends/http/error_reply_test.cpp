#include "frontends/http/error_reply.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace evenkeel {
namespace {

Error error(ErrorClass cls, Origin origin, std::string code = {}, std::optional<Millis> retry_after = {},
            int http_status = 0) {
    return Error{.cls = cls,
                 .origin = origin,
                 .http_status = http_status,
                 .code = std::move(code),
                 .retry_after = retry_after,
                 .detail = "why"};
}

TEST(ErrorReply, TellsStatusAndWhetherToAskAgain) {
    struct Case {
        Error error;
        int status;
        std::string fields;
    };
    const std::string five = "Retry-After: 5\r\n", yes = "x-should-retry: true\r\n", no = "x-should-retry: false\r\n";
    const std::vector<Case> cases{
        {error(ErrorClass::transient, Origin::provider), 503, five + yes},
        {error(ErrorClass::overload, Origin::provider, "x", Millis{1'500}), 503, "Retry-After: 2\r\n" + yes},
        {error(ErrorClass::overload, Origin::provider, "x", Millis{86'400'000}), 503, "Retry-After: 60\r\n" + yes},
        {error(ErrorClass::silent, Origin::provider, "x", Millis{1}), 503, "Retry-After: 1\r\n" + yes},
        {error(ErrorClass::account, Origin::provider), 503, five + no},
        {error(ErrorClass::bad_answer, Origin::provider), 503, five + yes},
        {error(ErrorClass::model_gone, Origin::provider), 404, ""},
        {error(ErrorClass::request, Origin::provider, "x", {}, 422), 422, ""},
        {error(ErrorClass::capacity, Origin::provider), 400, ""},
        {error(ErrorClass::policy, Origin::provider), 400, ""},
        {error(ErrorClass::internal, Origin::self), 500, ""},
        {error(ErrorClass::storage, Origin::self), 503, five + yes},
        {error(ErrorClass::request, Origin::caller), 400, ""},
        {error(ErrorClass::request, Origin::caller, "method_not_allowed", {}, 405), 405, ""},
        {error(ErrorClass::account, Origin::caller, "invalid_api_key"), 401, ""},
        {error(ErrorClass::policy, Origin::caller, "insufficient_scope", {}, 403), 403, ""},
        {error(ErrorClass::overload, Origin::caller, "rate_limit_exceeded", Millis{3'000}), 429,
         "Retry-After: 3\r\n" + yes},
        {error(ErrorClass::overload, Origin::caller, "insufficient_quota", Millis{86'400'000}), 429,
         "Retry-After: 60\r\n" + no},
        {error(ErrorClass::silent, Origin::caller, "deadline"), 504, five + no},
    };
    for (const Case& each : cases) {
        const ErrorReply reply = error_reply(Dialect::openai, each.error);
        EXPECT_EQ(reply.status, each.status) << describe(each.error);
        EXPECT_EQ(reply.fields, each.fields) << describe(each.error);
    }
}

TEST(ErrorReply, SpeaksTheDialectOfTheRoute) {
    const Error wrong = error(ErrorClass::request, Origin::caller, "invalid_json");
    EXPECT_EQ(error_reply(Dialect::openai, wrong).body,
              R"({"error":{"message":"why","type":"invalid_request_error","param":null,"code":"invalid_json"}})");
    EXPECT_EQ(error_reply(Dialect::ollama, wrong).body, R"({"error":"why"})");
    const Error down = error(ErrorClass::transient, Origin::provider);
    EXPECT_EQ(error_reply(Dialect::openai, down).body,
              R"({"error":{"message":"No provider could answer: why. Ask again later.","type":"server_error",)"
              R"("param":null,"code":"all_providers_unavailable"}})");
    const Error unknown_key = error(ErrorClass::account, Origin::caller);
    EXPECT_EQ(error_reply(Dialect::ollama, unknown_key).body, R"({"error":"unauthorized"})");
}

TEST(ErrorReply, ToldInAStreamIsOneEventOrOneLine) {
    const Error down = error(ErrorClass::internal, Origin::self);
    EXPECT_EQ(error_in_stream(Dialect::openai, down),
              "data: {\"error\":{\"message\":\"why\",\"type\":\"server_error\",\"param\":null,\"code\":null}}\n\n");
    EXPECT_EQ(error_in_stream(Dialect::ollama, down), "{\"error\":\"why\"}\n");
}

}  // namespace
}  // namespace evenkeel

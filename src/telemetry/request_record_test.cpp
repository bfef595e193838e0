#include "telemetry/request_record.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "core/json.hpp"

namespace evenkeel {
namespace {

std::array<Attempt, 2> failed_over() {
    Error busy{.cls = ErrorClass::overload, .origin = Origin::provider, .scope = Scope::provider, .http_status = 503};
    busy.code = "busy";
    busy.detail = "the words of a provider may repeat a letter";
    busy.retry_after = Millis{3'000};
    Attempt first{.provider = "cloud", .model = "big", .outcome = Attempt::Outcome::failed, .error = busy};
    first.took = Millis{40};
    Attempt second{.provider = "local", .model = "small", .outcome = Attempt::Outcome::answered};
    second.took = Millis{900};
    second.first_content_after = Millis{200};
    second.usage = Usage{.input = 12, .output = 5};
    second.cost_usd = 0.25;
    return {first, second};
}

TEST(RequestRecord, says_where_it_went_and_why_and_nothing_of_what_was_said) {
    const auto attempts = failed_over();
    const RequestRecord record{.id = *parse_id("0193c1d2-7f3a-7abc-8def-0123456789ab"),
                               .ended = WallTime{Millis{1'767'225'600'000}},
                               .method = "POST",
                               .route = "/v1/chat/completions",
                               .key = "bot",
                               .model_asked = "big",
                               .streamed = true,
                               .degraded = true,
                               .status = 200,
                               .attempts = attempts,
                               .won = 1,
                               .took = Millis{941},
                               .bytes_in = 100,
                               .bytes_out = 2'000};
    std::string line;
    append_record(line, record);
    EXPECT_EQ(line, R"({"time":"2026-01-01T00:00:00.000Z","id":"0193c1d2-7f3a-7abc-8def-0123456789ab","method":"POST",)"
                    R"("route":"/v1/chat/completions","status":200,"key":"bot","model":"big","stream":true,)"
                    R"("provider":"local","answered_model":"small","degraded":true,"ms":941,"first_content_ms":240,)"
                    R"("tokens":{"input":12,"output":5,"estimated":false},"cost_usd":0.25,"bytes_in":100,)"
                    R"("bytes_out":2000,"error":null,"attempts":[{"provider":"cloud","model":"big","outcome":"failed",)"
                    R"("class":"overload","code":"busy","http_status":503,"retry_after_ms":3000,"ms":40,)"
                    R"("first_content_ms":null,"tokens":null,"cost_usd":null},{"provider":"local","model":"small",)"
                    R"("outcome":"answered","ms":900,"first_content_ms":200,)"
                    R"("tokens":{"input":12,"output":5,"estimated":false},"cost_usd":0.25}]})");
}

TEST(RequestRecord, calls_unknown_what_it_does_not_know) {
    auto attempts = failed_over();
    attempts[1].cost_usd.reset();
    const Error gone{.cls = ErrorClass::cancelled, .origin = Origin::caller};
    std::string line;
    append_record(line,
                  {.model_asked = std::string_view("a\"b\n\xff", 5), .error = &gone, .attempts = attempts, .won = 1});
    JsonDoc document;
    const auto root = document.parse(line);
    ASSERT_TRUE(root);
    EXPECT_EQ((*root)["cost_usd"].kind(), Json::Kind::null);
    EXPECT_EQ((*root)["route"].kind(), Json::Kind::null);
    EXPECT_EQ((*root)["error"]["class"].string(), "cancelled");
    EXPECT_EQ((*root)["status"].integer(), 0);
    EXPECT_EQ(line.find('\n'), std::string::npos) << "one line is one request";
}

}  // namespace
}  // namespace evenkeel

#include "llm/error_body.hpp"

#include <gtest/gtest.h>

namespace evenkeel {
namespace {

using namespace std::chrono_literals;

std::optional<ErrorBody> found(std::string_view text) {
    JsonDoc document;
    return find_error(document.parse(text).value());
}

TEST(ErrorBody, reads_every_shape_in_use) {
    const struct {
        std::string_view body;
        int status;
        std::string_view code, type, message;
    } shapes[] = {
        {R"({"error":{"message":"m","type":"t","param":null,"code":"c"}})", 0, "c", "t", "m"},
        {R"({"error":{"message":"m","code":404}})", 404, "", "", "m"},
        {R"({"error":{"message":"m","code":"404"}})", 404, "", "", "m"},
        {R"({"error":{"message":"m","code":1301}})", 0, "1301", "", "m"},
        {R"({"error":"m","status":402})", 402, "", "", "m"},
        {R"({"error":"m","error_type":"overloaded"})", 0, "", "overloaded", "m"},
        {R"({"error":503,"message":"m"})", 503, "", "", "m"},
        {R"({"error":true,"message":"m"})", 0, "", "", "m"},
        {R"([{"error":{"message":"m","status":"INVALID_ARGUMENT","code":400}}])", 400, "", "INVALID_ARGUMENT", "m"},
        {R"({"type":"error","error":{"type":"overloaded_error","message":"m"}})", 0, "", "overloaded_error", "m"},
        {R"({"object":"error","message":"m","type":"NotFoundError","code":404})", 404, "", "NotFoundError", "m"},
        {R"({"detail":"m"})", 0, "", "", "m"},
        {R"({"detail":[{"msg":"m"}]})", 0, "", "", "m"},
        {R"({"detail":{"message":"m","code":"c"}})", 0, "c", "", "m"},
        {R"({"code":"c","message":"m"})", 0, "c", "", "m"},
        {R"({"base_resp":{"status_code":1004,"status_msg":"m"}})", 0, "base_resp_1004", "", "m"},
        {R"({"success":false,"errors":[{"code":7003,"message":"m"}]})", 0, "7003", "", "m"},
        {R"({"errors":["m"]})", 0, "", "", "m"},
        {R"({"error":{"message":"m","status":400,"innererror":{"code":"c"}}})", 400, "c", "", "m"},
        {R"({"error":{"message":"m","code":502},"choices":[{"finish_reason":"error"}]})", 502, "", "", "m"},
    };
    for (const auto& shape : shapes) {
        const auto error = found(shape.body);
        ASSERT_TRUE(error) << shape.body;
        EXPECT_EQ(error->status, shape.status) << shape.body;
        EXPECT_EQ(error->code, shape.code) << shape.body;
        EXPECT_EQ(error->type, shape.type) << shape.body;
        EXPECT_EQ(error->message, shape.message) << shape.body;
    }
}

TEST(ErrorBody, sees_no_error_where_there_is_none) {
    for (const std::string_view fine : {
             R"({"choices":[{"delta":{"content":"error"}}]})",
             R"({"error":null,"choices":[]})",
             R"({"error":"","choices":[]})",
             R"({"error":{},"choices":[]})",
             R"({"error":false})",
             R"({"error":0})",
             R"({"base_resp":{"status_code":0,"status_msg":""},"choices":[{}]})",
             R"({"choices":[{}],"detail":"low"})",
             R"({"model":"m","message":{"content":"x"},"code":1})",
             R"({"usage":{"prompt_tokens":1},"message":"bye","code":0})",
             R"([])",
             R"([1])",
             R"("text")",
             R"(3)",
         })
        EXPECT_FALSE(found(fine)) << fine;
}

TEST(ErrorBody, keeps_the_refused_parameter_and_googles_delay) {
    EXPECT_EQ(found(R"({"error":{"message":"m","param":"max_tokens"}})")->param, "max_tokens");
    EXPECT_EQ(found(R"({"error":{"details":[{"x":1},{"retryDelay":"1.5s"}]}})")->retry_delay, 1500ms);
    EXPECT_EQ(found(R"({"error":{"details":[{"retryDelay":"soon"}]}})")->retry_delay, std::nullopt);
}

TEST(ErrorBody, takes_plain_text_for_the_message_and_a_web_page_for_none) {
    EXPECT_EQ(read_error_body("upstream connect error").message, "upstream connect error");
    EXPECT_EQ(read_error_body("<html><body>502</body></html>").message, "");
    EXPECT_EQ(read_error_body("{\"error\":\"cut").message, "");
    EXPECT_EQ(read_error_body("").message, "");
    EXPECT_EQ(read_error_body("\n {\"error\":\"m\"}").message, "m");
}

}  // namespace
}  // namespace evenkeel

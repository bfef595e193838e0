#include "frontends/http/request_book.hpp"

#include <gtest/gtest.h>

#include "core/json.hpp"
#include "testing/gateway_stage.hpp"

namespace evenkeel {
namespace {

using testing::GatewayStage;

struct RequestBookTest : ::testing::Test {
    /// Hands the book what the gateway writes down.
    struct Forward final : ExchangeLog {
        explicit Forward(ExchangeLog& to) : to(to) {}
        void record(const Exchange& exchange) noexcept override { to.record(exchange); }
        ExchangeLog& to;
    };
    RequestBookTest() {
        stage.gateway = std::make_unique<Gateway>(stage.env(), *stage.provider,
                                                  std::vector<std::shared_ptr<Upstream>>{stage.provider},
                                                  GatewayOptions{.origins = {.listen = {stage.place.host}}}, &book);
    }
    GatewayStage stage;
    Metrics metrics{"1"};
    std::string written;
    AccessLog log{stage.env(), [this](std::string_view bytes) -> Result<void> {
                      written += bytes;
                      return {};
                  }};
    RequestBook book{stage.env(), metrics, &log};
};

TEST_F(RequestBookTest, ExplainsWhatTheAccessLogSays) {
    const auto told = stage.ask("GET", "/v1/models/none");
    const std::string id = told.field("x-request-id");
    const auto record = book.explain(id);
    ASSERT_TRUE(record);
    JsonDoc document;
    const auto root = document.parse(*record);
    ASSERT_TRUE(root);
    EXPECT_EQ((*root)["id"].string(), id);
    EXPECT_EQ((*root)["route"].string(), "/v1/models/");
    EXPECT_EQ((*root)["status"].integer(), 404);
    EXPECT_EQ((*root)["error"]["code"].string(), "model_not_found");
    log.flush();
    EXPECT_EQ(written, *record + "\n");
    EXPECT_NE(metrics.text({}, {}, 0).find("route=\"/v1/models/\",status=\"404\"} 1"), std::string::npos);
}

TEST_F(RequestBookTest, FindsByTheBeginningOfAnIdAndSaysWhenItCannot) {
    const std::string id = stage.ask("GET", "/v1/models").field("x-request-id");
    EXPECT_TRUE(book.explain(std::string_view(id).substr(0, 20)));
    EXPECT_EQ(book.explain("0193").error().code, "bad_argument");
    EXPECT_EQ(book.explain("ffffffff").error().code, "not_found");
    (void)stage.ask("GET", "/v1/models");
    EXPECT_EQ(book.explain(std::string_view(id).substr(0, 8)).error().code, "ambiguous");
}

}  // namespace
}  // namespace evenkeel

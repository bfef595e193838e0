#include "frontends/http/webhook_courier.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "frontends/http/durable.hpp"
#include "frontends/http/webhook_signature.hpp"
#include "testing/durable_stage.hpp"

namespace evenkeel {
namespace {

using namespace std::chrono_literals;
using testing::answering;
using testing::DurableStage;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Verdict = WebhookRules::Verdict;

struct Address {
    const char* url;
    const char* host;  ///< Empty: it is none.
    int port;
    bool tls;
    const char* target;
};
class WebhookTargetOf : public ::testing::TestWithParam<Address> {};

TEST_P(WebhookTargetOf, url) {
    const auto read = webhook_target(GetParam().url);
    ASSERT_EQ(read.has_value(), *GetParam().host != '\0') << GetParam().url;
    if (!read) return;
    EXPECT_EQ(read->place.host, GetParam().host);
    EXPECT_EQ(read->place.port, GetParam().port);
    EXPECT_EQ(read->place.tls, GetParam().tls);
    EXPECT_EQ(read->target, GetParam().target);
}

INSTANTIATE_TEST_SUITE_P(
    Table, WebhookTargetOf,
    ::testing::Values(Address{"https://a.example/x?y=1", "a.example", 443, true, "/x?y=1"},
                      Address{"http://a.example", "a.example", 80, false, "/"},
                      Address{"http://127.0.0.1:8080/in", "127.0.0.1", 8080, false, "/in"},
                      Address{"https://[2606::1]:8443/", "2606::1", 8443, true, "/"},
                      Address{"https://[2606::1]/", "2606::1", 443, true, "/"}, Address{"ftp://a/", "", 0, false, ""},
                      Address{"a.example/x", "", 0, false, ""}, Address{"https://", "", 0, false, ""},
                      Address{"https://user@a.example/", "", 0, false, ""},
                      Address{"https://a.example:0/", "", 0, false, ""},
                      Address{"https://a.example:99999/", "", 0, false, ""},
                      Address{"https://a.example:8x/", "", 0, false, ""}, Address{"https://[::1/", "", 0, false, ""},
                      Address{"https://a.example/\r\nX: y", "", 0, false, ""},
                      Address{"https://a.example\\@b/", "", 0, false, ""}));

/// A call-back as it came; a copy, since a request is gone once it is answered.
struct CallBack {
    std::string path, body;
    HttpHeaders headers;
    std::string header(std::string_view name) const {
        for (const auto& [key, value] : headers)
            if (key == name) return value;
        return {};
    }
};

/// Somebody who is called back, and says what the test wants.
struct Receiver : DurableStage {
    static constexpr const char* url = "http://hooks:99/in";
    Receiver() {
        hooks = std::make_unique<HttpServer>(
            sim.env(), network.listen({.host = "hooks", .port = 99}).value(),
            [this](HttpIncoming& request, HttpResponder& responder) { return take(request, responder); });
        begin();
    }
    ~Receiver() {
        courier.reset();
        hooks.reset();
    }
    void begin() {
        WebhookRules rules{.verdict = [this](std::string_view, std::string_view) { return verdict; },
                           .key = [](std::string_view) { return std::array<std::byte, 32>{}; }};
        courier = std::make_unique<WebhookCourier>(sim.env(), network, *engine, *calls, std::move(rules));
    }
    Task<void> take(HttpIncoming& request, HttpResponder& responder) {
        CallBack& told = taken.emplace_back(request.path, request.body);
        for (const auto& [name, value] : request.headers) told.headers.emplace_back(name, value);
        const int status = statuses.empty() ? 200 : statuses.front();
        if (!statuses.empty()) statuses.erase(statuses.begin());
        (void)co_await responder.respond(status, {}, "");
    }
    Id call(std::string surface = "responses") {
        Inbound message{.frontend = std::string(webhook_frontend),
                        .principal = "key1",
                        .conversation = "call 1",
                        .text = "Hello?",
                        .body = R"({"messages":[]})",
                        .dialect = "openai",
                        .record = to_json({.surface = std::move(surface), .background = true, .webhook = url})};
        auto stream = submit(std::move(message));
        return id_of(*stream);
    }
    std::size_t waiting() { return raw->outbox().pending(webhook_frontend, everyone, "", 9).value().size(); }

    Verdict verdict = Verdict::anywhere;
    std::vector<int> statuses;
    std::vector<CallBack> taken;
    std::unique_ptr<HttpServer> hooks;
    std::unique_ptr<WebhookCourier> courier;
};

TEST(WebhookCourier, tells_the_end_once_signed) {
    Receiver stage;
    const Id id = stage.call();
    stage.sim.scheduler.run_for(600s);
    ASSERT_EQ(stage.taken.size(), 1U);
    const CallBack& told = stage.taken[0];
    EXPECT_EQ(told.path, "/in");
    EXPECT_THAT(told.body, HasSubstr(R"("type":"response.completed")"));
    EXPECT_EQ(told.header("webhook-id"), webhook_id(id));
    const std::string timestamp(told.header("webhook-timestamp"));
    EXPECT_EQ(told.header("webhook-signature"),
              webhook_signature(std::array<std::byte, 32>{}, webhook_id(id), std::stoll(timestamp), told.body));
    EXPECT_EQ(stage.waiting(), 0U);
    EXPECT_EQ(stage.raw->desk().show("key1", id).value().state, JobState::delivered);
}

TEST(WebhookCourier, tries_again_until_somebody_takes_it_with_the_same_id) {
    Receiver stage;
    stage.statuses = {500, 302, 429};
    const Id id = stage.call("chat");
    stage.sim.scheduler.run_for(3s);
    EXPECT_EQ(stage.taken.size(), 1U);
    EXPECT_EQ(stage.waiting(), 1U) << "not taken, so not shown";
    stage.sim.scheduler.run_for(3600s);
    ASSERT_EQ(stage.taken.size(), 4U);
    for (const CallBack& told : stage.taken) EXPECT_EQ(told.header("webhook-id"), webhook_id(id));
    EXPECT_THAT(stage.taken[0].body, HasSubstr("chat.completion.completed"));
    EXPECT_EQ(stage.waiting(), 0U);
}

TEST(WebhookCourier, goes_on_after_a_crash) {
    Receiver stage;
    stage.statuses = {500, 500, 500};
    const Id id = stage.call();
    stage.sim.scheduler.run_for(10s);
    EXPECT_EQ(stage.waiting(), 1U);
    stage.courier.reset();
    stage.kill_and_restart();
    stage.begin();
    stage.sim.scheduler.run_for(3600s);
    EXPECT_EQ(stage.waiting(), 0U);
    EXPECT_EQ(stage.taken.back().header("webhook-id"), webhook_id(id));
}

TEST(WebhookCourier, gives_up_after_a_day_and_at_once_where_nobody_wants_it) {
    Receiver stage;
    stage.statuses.assign(1000, 500);
    stage.call();
    stage.sim.scheduler.run_for(26h);
    EXPECT_EQ(stage.waiting(), 0U);
    EXPECT_GT(stage.taken.size(), 20U);
    EXPECT_LT(stage.taken.size(), 40U);
    Receiver unwanted;
    unwanted.statuses = {410};
    unwanted.call();
    unwanted.sim.scheduler.run_for(60s);
    EXPECT_EQ(unwanted.taken.size(), 1U);
    EXPECT_EQ(unwanted.waiting(), 0U);
}

TEST(WebhookCourier, sends_nothing_where_the_key_does_not_allow_it_any_more) {
    Receiver stage;
    stage.verdict = Verdict::refused;
    stage.call();
    stage.sim.scheduler.run_for(600s);
    EXPECT_THAT(stage.taken, IsEmpty());
    EXPECT_EQ(stage.waiting(), 0U);
}

TEST(WebhookCourier, tells_a_failure_too) {
    Receiver stage;
    stage.cloud.always(testing::failing(ErrorClass::policy));
    stage.call();
    stage.sim.scheduler.run_for(60s);
    ASSERT_EQ(stage.taken.size(), 1U);
    EXPECT_THAT(stage.taken[0].body, HasSubstr("response.failed"));
}

}  // namespace
}  // namespace evenkeel

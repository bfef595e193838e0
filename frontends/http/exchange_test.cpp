#include "frontends/http/exchange.hpp"

#include <gtest/gtest.h>

#include "frontends/http/gateway.hpp"
#include "testing/gateway_stage.hpp"

namespace evenkeel {
namespace {

TEST(Exchange, NamesNobodyUntilSomebodyAnswered) {
    testing::GatewayStage stage;
    HttpIncoming request;
    struct Nobody final : HttpResponder {
        explicit Nobody(Scheduler& scheduler) : left(scheduler) {}
        Task<Result<void>> respond(int, HttpHeaders, std::string) override { return nothing(); }
        Task<Result<void>> answer(int, FieldLines, std::string_view) override { return nothing(); }
        Task<Result<void>> start(int, HttpHeaders) override { return nothing(); }
        Task<Result<void>> begin(int, FieldLines, std::string_view) override { return nothing(); }
        Task<Result<void>> write(std::string_view) override { return nothing(); }
        Task<Result<void>> finish() override { return nothing(); }
        Task<Result<void>> write_raw(std::string_view) override { return nothing(); }
        Event& gone() noexcept override { return left; }
        static Task<Result<void>> nothing() { co_return Result<void>{}; }
        Event left;
    } responder(stage.scheduler);
    Exchange exchange(*stage.gateway, request, responder, Dialect::openai);
    EXPECT_EQ(exchange.fields("A: b\r\n").text, "x-request-id: " + to_string(exchange.call.id) + "\r\nA: b\r\n");
    exchange.call.attempts.push_back({.provider = "cloud", .outcome = Attempt::Outcome::skipped});
    exchange.call.attempts.push_back({.provider = "local", .model = "lla\r\nma", .outcome = Attempt::Outcome::running});
    exchange.won = 1;
    EXPECT_EQ(exchange.fields("").text, "x-request-id: " + to_string(exchange.call.id) +
                                            "\r\nx-evenkeel-provider: local\r\nx-evenkeel-model: llama\r\n"
                                            "x-evenkeel-attempts: 1\r\nx-evenkeel-degraded: true\r\n");
    exchange.call.only = "local";
    EXPECT_EQ(exchange.fields("").text.find("degraded"), std::string::npos) << "it is the one that was asked for";
}

}  // namespace
}  // namespace evenkeel

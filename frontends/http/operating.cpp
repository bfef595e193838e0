// The routes for those who run it: liveness, readiness, metrics, and why a request went where it went.
#include "frontends/http/endpoints.hpp"
#include "frontends/http/operator_desk.hpp"

namespace evenkeel {
namespace {

Error not_found(Error error) {
    if (error.code == "not_found") error.http_status = 404;
    return error;
}

Error not_here() { return not_found(caller_fault("This process has no operator's desk.", "not_found").error()); }

}  // namespace

/// Alive means that the loop turns; what is behind it is told by readiness, so that nobody restarts a healthy process
/// because a provider is down.
Task<void> serve_health(Gateway&, Exchange& exchange) {
    (void)co_await exchange.answer_json(200, R"({"status":"ok"})");
}

Task<void> serve_readiness(Gateway& gateway, Exchange& exchange) {
    OperatorDesk* desk = gateway.operator_desk();
    if (desk == nullptr) {
        (void)co_await exchange.refuse(not_here());
        co_return;
    }
    const OperatorDesk::Readiness readiness = co_await desk->readiness();
    (void)co_await exchange.answer_json(readiness.ready ? 200 : 503, readiness.json);
}

Task<void> serve_metrics(Gateway& gateway, Exchange& exchange) {
    OperatorDesk* desk = gateway.operator_desk();
    auto text = desk != nullptr ? co_await desk->metrics() : Result<std::string>(fail(not_here()));
    if (!text) {
        (void)co_await exchange.refuse(std::move(text.error()));
        co_return;
    }
    (void)co_await exchange.answer(200, "text/plain; version=0.0.4; charset=utf-8", *text);
}

Task<void> serve_request_record(Gateway& gateway, Exchange& exchange) {
    OperatorDesk* desk = gateway.operator_desk();
    const std::string_view path = exchange.request.path;
    const std::string_view id = path.substr(std::string_view("/v1/evenkeel/requests/").size());
    auto record = desk != nullptr ? desk->explain(id) : Result<std::string>(fail(not_here()));
    if (!record) {
        (void)co_await exchange.refuse(not_found(std::move(record.error())));
        co_return;
    }
    (void)co_await exchange.answer_json(200, *record);
}

}  // namespace evenkeel

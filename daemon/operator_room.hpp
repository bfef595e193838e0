#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "chat/route_health.hpp"
#include "config/settings.hpp"
#include "core/env.hpp"
#include "frontends/http/operator_desk.hpp"
#include "frontends/http/request_book.hpp"
#include "store/async_store.hpp"
#include "telemetry/access_log.hpp"
#include "telemetry/metrics.hpp"

namespace evenkeel {

/// What the operator's routes of a running `serve` show: readiness, metrics, explanations; and the access log. Store
/// and health outlive it. One loop.
class OperatorRoom final : public OperatorDesk {
public:
    OperatorRoom(Env env, AsyncStore& store, const RouteHealth& health, const LogSettings& settings);

    Task<Readiness> readiness() override;
    Task<Result<std::string>> metrics() override;
    Result<std::string> explain(std::string_view id) override { return book_.explain(id); }
    /// Where the gateway writes each request down.
    ExchangeLog& book() noexcept { return book_; }

private:
    Env env_;
    AsyncStore& store_;
    const RouteHealth& health_;
    Metrics metrics_;
    std::unique_ptr<AccessLog> log_;
    RequestBook book_;
};

}  // namespace evenkeel

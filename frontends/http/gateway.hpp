#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "access/origin_check.hpp"
#include "chat/calls.hpp"
#include "core/ids.hpp"
#include "frontends/http/exchange.hpp"
#include "frontends/http/model_directory.hpp"
#include "frontends/http/operator_desk.hpp"
#include "frontends/http/webhook_rules.hpp"

namespace evenkeel {

/// What serves one route: it sends the reply by `exchange.responder` (or answer_json, refuse) and returns. Cancelled at
/// once when the caller leaves; what must outlive him is not done in it.
using ServeRoute = Task<void> (*)(Gateway& gateway, Exchange& exchange);

/// One line of the table of routes.
struct GatewayRoute {
    std::string_view method;
    std::string_view path;
    bool with_rest = false;  ///< The path goes on behind it: "/v1/models/" + id.
    Dialect dialect = Dialect::openai;
    ServeRoute serve = nullptr;
    std::optional<KeyScope> scope;  ///< What the caller's key must open; empty: nobody is asked for one.
    Demand demand = Demand::spend;  ///< Whether it may be refused because a budget is spent.
};

/// What the gateway is told of each request once it is over, for the access log, sums and `explain`.
class ExchangeLog {
public:
    virtual ~ExchangeLog() = default;
    /// Views live for the call only. Must not throw; never blocks.
    virtual void record(const Exchange& exchange) noexcept = 0;
};

struct GatewayOptions {
    std::map<std::string, std::string, std::less<>> aliases;  ///< [models].
    std::uint32_t attempts_max = 6;                           ///< Tries of one request, over all providers.
    Millis deadline{600'000};                                 ///< One request, all providers together.
    Millis ttl{24 * 3'600'000};                               ///< [queue] ttl, for calls that are kept.
    Access* access = nullptr;                                 ///< Who may call; null: everybody. Outlives the gateway.
    OperatorDesk* operator_desk = nullptr;                    ///< Null: the operator's routes say so. Outlives it too.
    OriginRules origins;                                      ///< Which Host and Origin are served.
};

/// The HTTP surface: finds the route of a request, checks who asks, serves it, writes it down. Holds no connection:
/// HttpServer gives it requests. One loop. The tree and the log outlive it.
class Gateway {
public:
    /// `upstreams`: the providers of the tree, in its order.
    Gateway(Env env, Provider& tree, std::vector<std::shared_ptr<Upstream>> upstreams, GatewayOptions options,
            ExchangeLog* log = nullptr);

    /// The handler for HttpServer; the server's limits say `abandons`.
    Task<void> serve(HttpIncoming& request, HttpResponder& responder);

    Env env() const noexcept { return env_; }
    Provider& tree() noexcept { return tree_; }
    const GatewayOptions& options() const noexcept { return options_; }
    OperatorDesk* operator_desk() const noexcept { return options_.operator_desk; }
    const ModelDirectory& models() const noexcept { return models_; }
    /// "nanogpt" where it is the first provider of the route: any other's answer is degraded.
    std::string_view first_provider() const noexcept { return first_provider_; }
    Id next_id() { return ids_.next(); }
    /// Null: nothing can be kept here.
    Calls* calls() noexcept { return calls_; }
    /// From now on calls can be kept, and where there are rules, called back. Before the first request; both outlive
    /// the gateway.
    void keep_calls(Calls& calls, const WebhookRules* webhooks = nullptr) noexcept {
        calls_ = &calls;
        webhooks_ = webhooks;
    }
    /// Null: nobody is called back.
    const WebhookRules* webhooks() const noexcept { return webhooks_; }

private:
    friend struct Exchange;
    Result<void> let_in(const GatewayRoute& route, Exchange& exchange);
    Env env_;
    Provider& tree_;
    GatewayOptions options_;
    ExchangeLog* log_;
    Calls* calls_ = nullptr;
    const WebhookRules* webhooks_ = nullptr;
    IdMaker ids_;
    std::string first_provider_;
    std::string fields_;  ///< The header fields that are being written.
    ModelDirectory models_;
};

/// All routes, in the order in which they are looked at; endpoints.cpp.
std::span<const GatewayRoute> gateway_routes() noexcept;

}  // namespace evenkeel

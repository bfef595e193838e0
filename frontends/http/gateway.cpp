#include "frontends/http/gateway.hpp"

#include <algorithm>
#include <utility>

#include "core/text.hpp"

namespace evenkeel {
namespace {

bool matches(const GatewayRoute& route, std::string_view path) noexcept {
    return route.with_rest ? path.starts_with(route.path) && path.size() > route.path.size() : path == route.path;
}

/// The dialect in which a path without a route is refused: the prefix tells who asks.
Dialect dialect_of(std::string_view path) noexcept {
    return path.starts_with("/api/") || path == "/" ? Dialect::ollama : Dialect::openai;
}

/// What stands behind "Bearer ", as OpenAI's and Ollama's clients send it, or in x-api-key.
std::string_view presented_key(const HttpIncoming& request) noexcept {
    constexpr std::string_view scheme = "Bearer ";
    const std::string_view authorization = request.header("authorization");
    if (authorization.size() > scheme.size() && equals_ignoring_case(authorization.substr(0, scheme.size()), scheme))
        return trimmed(authorization.substr(scheme.size()));
    return request.header("x-api-key");
}

Error no_route(const HttpIncoming& request, bool other_method) {
    Error error = caller_fault("Invalid URL (" + std::string(request.method) + " " + std::string(request.path) + ")",
                               other_method ? "method_not_allowed" : "unknown_url")
                      .error();
    error.http_status = other_method ? 405 : 404;
    return error;
}

/// "GET, POST": by which methods a path is served; empty: by none.
template <class Fits>
std::string methods_of(std::span<const GatewayRoute> routes, Fits fits) {
    std::string methods;
    for (const GatewayRoute& route : routes)
        if (fits(route)) methods += (methods.empty() ? "" : ", ") + std::string(route.method);
    return methods;
}

}  // namespace

Gateway::Gateway(Env env, Provider& tree, std::vector<std::shared_ptr<Upstream>> upstreams, GatewayOptions options,
                 ExchangeLog* log)
    : env_(env),
      tree_(tree),
      options_(std::move(options)),
      log_(log),
      ids_(env),
      first_provider_(upstreams.empty() ? std::string() : upstreams.front()->identity().name),
      models_(env, std::move(upstreams), options_.aliases) {}

/// A page of a foreign site that somebody reads must not reach us through his browser, with or without a key.
Result<void> Gateway::let_in(const GatewayRoute& route, Exchange& exchange) {
    const HttpIncoming& request = exchange.request;
    if (const auto origin = check_origin(options_.origins, request.header("host"), request.header("origin")); !origin)
        return fail(origin.error());
    if (!route.scope || options_.access == nullptr) return {};
    auto admission = options_.access->admit(presented_key(request), *route.scope, route.demand);
    if (!admission) return fail(std::move(admission.error()));
    exchange.call.local_only = admission->local_only();
    exchange.key = admission->key_id();
    exchange.admission.emplace(std::move(*admission));
    return {};
}

Task<void> Gateway::serve(HttpIncoming& request, HttpResponder& responder) {
    const auto routes = gateway_routes();
    const auto fits = [&](const GatewayRoute& route) { return matches(route, request.path); };
    const auto route = std::ranges::find_if(
        routes, [&](const GatewayRoute& each) { return each.method == request.method && fits(each); });
    if (route == routes.end()) {
        Exchange exchange(*this, request, responder, dialect_of(request.path));
        const std::string allowed = methods_of(routes, fits);
        if (!allowed.empty()) exchange.more_fields += "Allow: " + allowed + "\r\n";
        (void)co_await exchange.refuse(no_route(request, !allowed.empty()));
        co_return;
    }
    Exchange exchange(*this, request, responder, route->dialect);
    exchange.route = route->path;
    if (Result<void> let = let_in(*route, exchange); !let) {
        (void)co_await exchange.refuse(std::move(let.error()));
        co_return;
    }
    co_await route->serve(*this, exchange);
}

}  // namespace evenkeel

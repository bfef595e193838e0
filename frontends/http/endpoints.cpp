#include "frontends/http/endpoints.hpp"

#include <array>

namespace evenkeel {
namespace {

constexpr std::array routes = std::to_array<GatewayRoute>({
    {.method = "POST", .path = "/v1/chat/completions", .serve = serve_chat_completions},
    {.method = "GET", .path = "/v1/models", .serve = serve_models},
    {.method = "GET", .path = "/v1/models/", .with_rest = true, .serve = serve_model},
});

}  // namespace

std::span<const GatewayRoute> gateway_routes() noexcept { return routes; }

}  // namespace evenkeel

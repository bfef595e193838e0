#include <utility>

#include "frontends/http/async_calls.hpp"
#include "frontends/http/endpoints.hpp"
#include "frontends/http/relay.hpp"

namespace evenkeel {

Task<void> serve_chat_completions(Gateway& gateway, Exchange& exchange) {
    auto body = parse_caller_body(exchange.dialect, exchange.request.body);
    if (!body) {
        (void)co_await exchange.refuse(std::move(body.error()));
        co_return;
    }
    exchange.body = std::move(*body);
    exchange.model_asked = exchange.body->model;
    auto choice = gateway.models().choose(exchange.model_asked);
    if (!choice) {
        (void)co_await exchange.refuse(std::move(choice.error()));
        co_return;
    }
    if (is_durable_chat(exchange, *exchange.body))
        co_return co_await serve_durable_chat(gateway, exchange, *exchange.body, std::move(*choice));
    ChatRequest request;
    request.model = std::move(choice->model);
    request.body = &*exchange.body;
    request.stream = exchange.body->stream;
    exchange.call.only = std::move(choice->only);
    co_await relay(gateway, exchange, request);
}

}  // namespace evenkeel

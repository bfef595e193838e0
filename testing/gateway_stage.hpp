#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "frontends/http/gateway.hpp"
#include "llm/ollama_provider.hpp"
#include "llm/openai_provider.hpp"
#include "net/http_server.hpp"
#include "testing/memory_network.hpp"
#include "testing/scripted_http.hpp"
#include "testing/sim.hpp"

namespace evenkeel::testing {

/// A reply as a caller reads it.
struct Told {
    int status = 0;
    std::string body;
    HttpHeaders fields;
    std::string field(std::string_view name) const;
    std::optional<Error> cut;  ///< The connection broke in the middle of it.
};

/// The gateway behind a real server on a network in memory, in front of one real adapter whose upstream follows a
/// script. What the tests of the endpoints begin with.
struct GatewayStage : Sim {
    explicit GatewayStage(Dialect upstream_speaks = Dialect::openai, GatewayOptions options = {});

    Told ask(std::string method, std::string target, std::string body = {}) {
        return run(exchange(*client, HttpRequest{.method = std::move(method),
                                                 .target = std::move(target),
                                                 .headers = {},
                                                 .body = std::move(body),
                                                 .pieces = {}}));
    }
    static Task<Told> exchange(HttpSender& client, HttpRequest request);

    /// Keeps what the gateway would write down.
    struct Log final : ExchangeLog {
        struct Line {
            int status = 0;
            std::string path, model_asked, provider, error;
            std::vector<Attempt> attempts;
        };
        void record(const Exchange& exchange) noexcept override;
        std::vector<Line> lines;
    };

    MemoryNetwork network{env()};
    Endpoint place{.host = "gateway", .port = 8484};
    ScriptedHttp* upstream = nullptr;
    std::shared_ptr<Upstream> provider;
    Log log;
    std::unique_ptr<Gateway> gateway;
    std::unique_ptr<HttpServer> server;
    std::unique_ptr<HttpSender> client;
};

inline std::string Told::field(std::string_view name) const {
    for (const auto& [key, value] : fields)
        if (key == name) return value;
    return {};
}

inline void GatewayStage::Log::record(const Exchange& exchange) noexcept {
    const Attempt* const winner = exchange.winner();
    lines.push_back({.status = exchange.status,
                     .path = std::string(exchange.request.path),
                     .model_asked = std::string(exchange.model_asked),
                     .provider = winner != nullptr ? winner->provider : "",
                     .error = exchange.error ? exchange.error->code : "",
                     .attempts = exchange.call.attempts});
}

inline Task<Told> GatewayStage::exchange(HttpSender& client, HttpRequest request) {
    Told told;
    auto reply = co_await client.send(std::move(request));
    if (!reply) {
        told.cut = std::move(reply.error());
        co_return told;
    }
    told.status = (*reply)->status();
    for (const char* name : {"content-type", "x-request-id", "x-evenkeel-provider", "x-evenkeel-model",
                             "x-evenkeel-attempts", "x-evenkeel-degraded", "retry-after", "x-should-retry", "allow"})
        if (const auto value = (*reply)->header(name); !value.empty()) told.fields.emplace_back(name, value);
    for (;;) {
        auto bytes = co_await (*reply)->read();
        if (!bytes) told.cut = std::move(bytes.error());
        if (!bytes || bytes->empty()) break;
        told.body += *bytes;
    }
    co_return told;
}

inline GatewayStage::GatewayStage(Dialect upstream_speaks, GatewayOptions options) {
    auto sender = std::make_unique<ScriptedHttp>(env());
    upstream = sender.get();
    const bool ollama = upstream_speaks == Dialect::ollama;
    upstream->at(
        ollama ? "/api/tags" : "/v1/models",
        replying(200, ollama ? R"({"models":[{"name":"llama"}]})" : R"({"data":[{"id":"gpt"},{"id":"a/b"}]})"));
    ProviderOptions about{.name = "cloud", .base_path = "/v1", .model = "gpt"};
    if (ollama) about = {.name = "local", .model = "llama", .local = true, .context_tokens = 8192};
    provider = ollama ? make_ollama_provider(env(), about, std::move(sender))
                      : make_openai_provider(env(), about, std::move(sender));
    options.origins.listen.push_back(place.host);
    gateway = std::make_unique<Gateway>(env(), *provider, std::vector<std::shared_ptr<Upstream>>{provider},
                                        std::move(options), &log);
    server = std::make_unique<HttpServer>(
        env(), network.listen(place).value(),
        [this](HttpIncoming& request, HttpResponder& responder) { return gateway->serve(request, responder); },
        HttpServerLimits{.abandons = true});
    client = make_http_client(env(), network, place);
    scheduler.settle();
}

}  // namespace evenkeel::testing

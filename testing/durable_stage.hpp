#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "chat/calls.hpp"
#include "testing/chat_bench.hpp"
#include "testing/gateway_stage.hpp"

namespace evenkeel::testing {

/// The gateway over the whole engine: two providers that follow scripts, SQLite in memory, a network in memory, all on
/// virtual time. For what is kept: responses, calls with a key, answers that come later.
struct DurableStage : ChatBench {
    explicit DurableStage(ChatOptions settings = {}) : ChatBench(std::move(settings)) { serve(); }
    ~DurableStage() { stop(); }
    DurableStage(const DurableStage&) = delete;
    DurableStage& operator=(const DurableStage&) = delete;

    void serve() {
        calls = std::make_unique<Calls>(*store, *engine);
        const std::shared_ptr<Upstream> first(std::shared_ptr<void>(), &cloud), second(std::shared_ptr<void>(), &local);
        gateway = std::make_unique<Gateway>(sim.env(), route, std::vector{first, second},
                                            GatewayOptions{.origins = {.listen = {place.host}}}, &log);
        gateway->keep_calls(*calls);
        server = std::make_unique<HttpServer>(
            sim.env(), network.listen(place).value(),
            [this](HttpIncoming& request, HttpResponder& responder) { return gateway->serve(request, responder); },
            HttpServerLimits{.abandons = true});
        client = make_http_client(sim.env(), network, place);
        sim.scheduler.settle();
    }
    void stop() {
        client.reset();
        server.reset();
        gateway.reset();
        calls.reset();
    }
    /// The process ends at once, as killed, and another begins on the same data.
    void kill_and_restart() {
        stop();
        engine.reset();
        start();
        serve();
    }

    Told ask(std::string method, std::string target, std::string body = {}, HttpHeaders headers = {}) {
        return sim.run(GatewayStage::exchange(*client, HttpRequest{.method = std::move(method),
                                                                   .target = std::move(target),
                                                                   .headers = std::move(headers),
                                                                   .body = std::move(body),
                                                                   .pieces = {}}));
    }

    MemoryNetwork network{sim.env()};
    Endpoint place{.host = "gateway", .port = 8484};
    GatewayStage::Log log;
    std::unique_ptr<Calls> calls;
    std::unique_ptr<Gateway> gateway;
    std::unique_ptr<HttpServer> server;
    std::unique_ptr<HttpSender> client;
};

/// The `data` of each server-sent event.
inline std::vector<std::string> data_of(std::string_view events) {
    std::vector<std::string> all;
    for (std::size_t at = 0; (at = events.find("data: ", at)) != std::string_view::npos;) {
        at += 6;
        all.emplace_back(events.substr(at, events.find('\n', at) - at));
    }
    return all;
}

}  // namespace evenkeel::testing

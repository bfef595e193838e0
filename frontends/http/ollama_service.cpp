#include <string>

#include "frontends/http/endpoints.hpp"

namespace evenkeel {
namespace {

/// The version whose API is spoken: clients compare it with what they need.
constexpr std::string_view spoken_version = R"({"version":"0.17.4"})";
constexpr std::string_view running = "Ollama is running";

}  // namespace

/// How Ollama's clients find out that a server is there.
Task<void> serve_ollama_root(Gateway&, Exchange& exchange) {
    exchange.status = 200;
    exchange.bytes_out += running.size();
    const FieldLines lines = exchange.fields("Content-Type: text/plain; charset=utf-8\r\n");
    (void)co_await exchange.responder.answer(200, lines, running);
}

Task<void> serve_ollama_version(Gateway&, Exchange& exchange) {
    exchange.more_fields += "x-evenkeel-version: " EVENKEEL_VERSION "\r\n";
    (void)co_await exchange.answer_json(200, spoken_version);
}

/// Models are made, fetched and thrown away where they lie, by who runs that server and not by who may chat.
Task<void> serve_ollama_administration(Gateway&, Exchange& exchange) {
    Error why =
        caller_fault("Evenkeel does not proxy the administration of models (" + std::string(exchange.request.method) +
                         " " + exchange.request.path + "): run it against Ollama itself",
                     "not_proxied")
            .error();
    why.http_status = 403;
    (void)co_await exchange.refuse(std::move(why));
}

}  // namespace evenkeel

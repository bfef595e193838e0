#pragma once
#include <string>
#include <vector>

#include "net/http_client.hpp"
#include "testing/memory_network.hpp"
#include "testing/sim.hpp"

/// What tests ask practice providers with: the real client over the network's twin.
namespace evenkeel::practice {

/// One exchange as the client saw it.
struct Seen {
    int status = 0;  ///< 0: no reply at all.
    std::string content_type;
    std::string retry_after;
    std::vector<std::string> pieces;  ///< As they arrived, at most one chunk each.
    std::optional<Error> error;       ///< How it broke; empty: a proper end.
    Millis took{0};
    std::string text() const {
        std::string joined;
        for (const auto& piece : pieces) joined += piece;
        return joined;
    }
};

/// Reads to the end, at most `patience`: then the error is silent.
inline Task<Result<Seen>> exchange(HttpSender& client, HttpRequest request, Seen& seen) {
    auto reply = co_await client.send(std::move(request));
    if (!reply) co_return fail(std::move(reply.error()));
    seen.status = (*reply)->status();
    seen.content_type = (*reply)->header("content-type");
    seen.retry_after = (*reply)->header("retry-after");
    for (;;) {
        const auto piece = co_await (*reply)->read();
        if (!piece) co_return fail(piece.error());
        if (piece->empty()) co_return seen;
        seen.pieces.emplace_back(*piece);
    }
}

inline Seen ask(testing::Sim& sim, HttpSender& client, HttpRequest request, Millis patience = Seconds{60}) {
    Seen seen;
    const Instant start = sim.scheduler.now();
    auto limited = [](Scheduler& scheduler, Instant deadline, Task<Result<Seen>> task) -> Task<Result<Seen>> {
        auto result = co_await until(scheduler, deadline, std::move(task));
        if (!result) co_return provider_fault(ErrorClass::silent, Scope::provider, "nothing came");
        co_return std::move(*result);
    };
    const auto result = sim.run(limited(sim.scheduler, start + patience, exchange(client, std::move(request), seen)));
    if (!result) seen.error = result.error();
    seen.took = elapsed(start, sim.scheduler.now());
    return seen;
}

inline HttpRequest post(std::string target, std::string body) {
    return {.method = "POST", .target = std::move(target), .headers = {}, .body = std::move(body)};
}

/// A chat with one question, in the words of either dialect.
inline std::string chat_body(std::string_view model, std::string_view question, bool stream = true) {
    return R"({"model":")" + std::string(model) + R"(","stream":)" + (stream ? "true" : "false") +
           R"(,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":")" +
           std::string(question) + "\"}]}";
}

}  // namespace evenkeel::practice

#pragma once
#include <memory>
#include <string>

#include "llm/ollama_provider.hpp"
#include "llm/openai_provider.hpp"
#include "testing/scripted_http.hpp"
#include "testing/scripted_provider.hpp"
#include "testing/sim.hpp"

namespace evenkeel::testing {

/// One real adapter over a scripted upstream: what the tests of the adapters begin with.
struct UpstreamStage : Sim {
    /// Stands in no error and no note, whatever an upstream echoes.
    static constexpr std::string_view key = "sk-nano-11112222-3333-4444-5555-666677778888";

    enum class Dialect { openai, ollama };
    explicit UpstreamStage(Dialect dialect = Dialect::openai) {
        ProviderOptions options{
            .name = "cloud", .base_path = "/api/v1", .model = "small", .api_key = Secret(std::string(key))};
        if (dialect == Dialect::ollama)
            options = {.name = "local", .model = "llama3.1:8b", .local = true, .context_tokens = 8192};
        build(dialect, std::move(options));
    }
    UpstreamStage(Dialect dialect, ProviderOptions options) { build(dialect, std::move(options)); }

    /// Opens, reads all, and gives what came of it.
    Drained ask_it() { return run(ask(*provider, request, call)); }
    const Attempt& attempt() const { return call.attempts.back(); }

    ScriptedHttp* http = nullptr;
    std::shared_ptr<Upstream> provider;
    ChatRequest request = question("How are you?");
    Call call;

private:
    void build(Dialect dialect, ProviderOptions options) {
        auto sender = std::make_unique<ScriptedHttp>(env());
        http = sender.get();
        provider = dialect == Dialect::openai ? make_openai_provider(env(), std::move(options), std::move(sender))
                                              : make_ollama_provider(env(), std::move(options), std::move(sender));
    }
};

}  // namespace evenkeel::testing

#include "daemon/route_builder.hpp"

#include <openssl/sha.h>

#include <array>

#include "core/text.hpp"
#include "llm/ollama_provider.hpp"
#include "llm/openai_provider.hpp"
#include "net/http_client.hpp"

namespace evenkeel {

namespace {

/// An Ollama that has answered lately has its model in memory, and need not be given the minutes that loading takes.
constexpr Millis warm_first_content{30'000};

HttpClientLimits client_limits(const ProviderSettings& settings) {
    HttpClientLimits limits;
    limits.body_bytes_max = settings.reply_bytes_max.bytes;
    limits.idle_max = static_cast<std::size_t>(settings.connections_idle_max);
    return limits;
}

ContentLimits content_limits(const ProviderSettings& settings) {
    ContentLimits limits;
    limits.first_content = settings.first_content_timeout;
    if (settings.is_ollama() && settings.first_content_timeout > warm_first_content) {
        limits.first_content_warm = warm_first_content;
        limits.stays_warm = settings.keep_alive;
    }
    limits.reasoning = settings.reasoning_timeout;
    limits.idle = settings.idle_timeout;
    limits.answer = settings.answer_timeout;
    limits.total = settings.total_timeout;
    limits.first_content_floor = settings.first_content_floor;
    limits.tokens_per_s_min = settings.tokens_min.per_second;
    limits.slow_for = settings.slow_for;
    return limits;
}

PrefillMode prefill_mode(std::string_view word) {
    if (word == "yes") return PrefillMode::yes;
    return word == "no" ? PrefillMode::no : PrefillMode::automatic;
}

}  // namespace

ProviderOptions provider_options(const ProviderSettings& settings) {
    ProviderOptions options;
    options.name = settings.name;
    options.endpoint.host = settings.url.host;
    options.endpoint.port = settings.url.port;
    options.endpoint.tls = settings.url.tls;
    options.endpoint.ca_file = settings.ca_file;
    options.endpoint.connect_timeout = settings.connect_timeout;
    options.base_path = settings.url.path;
    options.model = settings.model;
    options.api_key = settings.api_key;
    options.local = settings.local;
    options.context_tokens = settings.context_tokens;
    options.keep_alive = format_duration(settings.keep_alive);
    options.repeat_bytes_max = settings.repeat_bytes_max.bytes;
    options.price_input = settings.price_input;
    options.price_output = settings.price_output;
    options.first_content_timeout = settings.first_content_timeout;
    options.reasoning_timeout = settings.reasoning_timeout;
    options.idle_timeout = settings.idle_timeout;
    options.answer_timeout = settings.answer_timeout;
    options.total_timeout = settings.total_timeout;
    return options;
}

std::shared_ptr<Upstream> make_upstream(Env env, Network& network, const ProviderSettings& settings) {
    ProviderOptions options = provider_options(settings);
    auto client = make_http_client(env, network, options.endpoint, client_limits(settings));
    return settings.is_ollama() ? make_ollama_provider(env, std::move(options), std::move(client))
                                : make_openai_provider(env, std::move(options), std::move(client));
}

std::vector<LaneSpec> make_lanes(Env env, Network& network, const Settings& settings) {
    std::vector<LaneSpec> lanes;
    for (const ProviderSettings& provider : settings.providers) {
        if (!provider.left_out.empty()) continue;
        LaneSpec lane;
        lane.upstream = make_upstream(env, network, provider);
        lane.limits = content_limits(provider);
        lane.breaker.failures_to_open = static_cast<std::uint32_t>(settings.route.failures_in_a_row);
        lane.breaker.window = std::chrono::duration_cast<Seconds>(settings.route.failure_window);
        lane.breaker.calls_to_judge = static_cast<std::uint32_t>(settings.route.failure_calls_min);
        lane.breaker.account_probe = std::chrono::duration_cast<Seconds>(settings.route.account_probe_every);
        lane.breaker.free_check_every = settings.route.free_check_every;
        lane.prefill = prefill_mode(provider.prefill);
        lane.pace.concurrent_max = static_cast<std::uint32_t>(provider.max_concurrent);
        lane.pace.adapts = !provider.is_ollama();
        lane.pace.calls_per_s = provider.rate_limit.per_second;
        lane.warms_up = provider.is_ollama();
        lane.context_tokens = static_cast<std::uint32_t>(provider.context_tokens);
        lane.credential = key_fingerprint(provider.api_key);
        lanes.push_back(std::move(lane));
    }
    return lanes;
}

RouteOptions route_options(const Settings& settings) {
    RouteOptions options;
    options.hedge = settings.route.hedge;
    options.rescue.text_max = settings.route.rescue_text_max.bytes;
    options.rescue.total_max = settings.route.rescue_total_max.bytes;
    options.rescue.held_max = settings.route.held_bytes_max.bytes;
    options.rescue.rescues_max = static_cast<std::uint32_t>(settings.route.rescues_max);
    return options;
}

std::string key_fingerprint(const Secret& key) {
    if (key.empty()) return {};
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    const std::string_view bytes = key.reveal();
    SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
    constexpr std::string_view hex = "0123456789abcdef";
    constexpr std::size_t bytes_shown = 8;
    std::string text;
    for (std::size_t i = 0; i < bytes_shown; ++i) {
        text += hex[digest[i] >> 4];
        text += hex[digest[i] & 15];
    }
    return text;
}

}  // namespace evenkeel

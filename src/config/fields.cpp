#include "config/fields.hpp"

#include <array>

#include "core/text.hpp"

namespace evenkeel {
namespace {

using S = Settings;
using P = ProviderSettings;

constexpr Limits any{.low = 0, .high = -1};
constexpr Limits between(double low, double high) { return {.low = low, .high = high}; }
constexpr Limits one_of(std::string_view words) { return {.low = 0, .high = -1, .words = words}; }

constexpr double ms = 1, second = 1e3, minute = 60e3, hour = 3600e3, day = 24 * hour;
constexpr double kib = 1024, mib = 1024 * kib, gib = 1024 * mib;

constexpr std::array<Section, 7> all_sections{{
    {"server", "What `evenkeel serve` and the control socket accept."},
    {"storage", "Where conversations and the queue are kept."},
    {"chat", "How questions are put to the models."},
    {"provider",
     "One [[provider]] per upstream; their order in the file is the route. Without any, the route is NanoGPT "
     "(if NANOGPT_API_KEY is set), then Ollama."},
    {"route", "When a provider counts as failed, and when it is tried again."},
    {"queue", "Questions that no provider could answer at once."},
    {"log", "What is written down about the running; message text never is."},
}};

// clang-format off
constexpr std::array all_fields = std::to_array<Field>({
    {"server", "listen", "127.0.0.1:8484", "", any,
     "Address and port of the HTTP API. Anything but loopback lets other machines in.",
     [](S& s, P&) -> Slot { return &s.server.listen; }},
    {"server", "allow_hosts", "", "", any,
     "Names under which browsers and programs may call it, besides loopback names and the address of listen: "
     "[\"bot.example.org\", \"*.example.net\"]. \"*\" is any; then a foreign page can reach it by a rebound name.",
     [](S& s, P&) -> Slot { return &s.server.allow_hosts; }},
    {"server", "allow_origins", "", "", any,
     "Web pages of other origins that may call it (CORS): [\"https://chat.example.org\"]. \"*\" is any.",
     [](S& s, P&) -> Slot { return &s.server.allow_origins; }},
    {"server", "connections_max", "1024", "", between(1, 100'000),
     "Connections served at the same time; more are closed.",
     [](S& s, P&) -> Slot { return &s.server.connections_max; }},
    {"server", "head_bytes_max", "16KiB", "", between(1 * kib, 1 * mib), "Request line and header fields together.",
     [](S& s, P&) -> Slot { return &s.server.head_bytes_max; }},
    {"server", "body_bytes_max", "16MiB", "", between(64 * kib, 1 * gib), "Body of one request.",
     [](S& s, P&) -> Slot { return &s.server.body_bytes_max; }},
    {"server", "head_timeout", "10s", "", between(100 * ms, 10 * minute),
     "From the first byte of a request to the end of its head.",
     [](S& s, P&) -> Slot { return &s.server.head_timeout; }},
    {"server", "body_timeout", "30s", "", between(100 * ms, 1 * hour),
     "From the end of the head to the end of the body.",
     [](S& s, P&) -> Slot { return &s.server.body_timeout; }},
    {"server", "idle_timeout", "75s", "", between(1 * second, 1 * hour),
     "How long a connection may lie idle between requests.",
     [](S& s, P&) -> Slot { return &s.server.idle_timeout; }},
    {"server", "drain_timeout", "25s", "", between(0, 10 * minute),
     "How long answers under way may take to finish when the process is asked to stop; what is left is answered "
     "after the next start.",
     [](S& s, P&) -> Slot { return &s.server.drain_timeout; }},

    {"storage", "dir", "", "", any,
     "The data directory. Default: $XDG_STATE_HOME/evenkeel, else ~/.local/state/evenkeel. A local disk, never a "
     "network share.",
     [](S& s, P&) -> Slot { return &s.storage.dir; }},
    {"storage", "engine", "sqlite", "", one_of("sqlite"), "The database.",
     [](S& s, P&) -> Slot { return &s.storage.engine; }},
    {"storage", "retention", "90d", "", between(1 * hour, 36'500 * day),
     "Messages that ended longer ago are removed, and so is what keys used up (never in the present month).",
     [](S& s, P&) -> Slot { return &s.storage.retention; }},
    {"storage", "disk_free_min", "64MiB", "", between(0, 1024 * gib),
     "Below this much free disk `doctor` warns.",
     [](S& s, P&) -> Slot { return &s.storage.disk_free_min; }},

    {"chat", "system_prompt", "You are a helpful assistant. Answer briefly and truthfully.", "", any,
     "Put before every conversation; empty for none.",
     [](S& s, P&) -> Slot { return &s.chat.system_prompt; }},
    {"chat", "history_messages", "20", "", between(0, 10'000),
     "The newest messages that go along with a question, as far as they fit the model's window.",
     [](S& s, P&) -> Slot { return &s.chat.history_messages; }},
    {"chat", "max_tokens", "1000", "", between(1, 1'000'000), "The longest answer, in tokens.",
     [](S& s, P&) -> Slot { return &s.chat.max_tokens; }},
    {"chat", "temperature", "0.7", "", between(0, 2), "0 answers alike each time, 2 wildly.",
     [](S& s, P&) -> Slot { return &s.chat.temperature; }},
    {"chat", "answer_bytes_max", "4MiB", "", between(1 * kib, 64 * mib),
     "Text of one answer; a longer one is cut off as a bad answer.",
     [](S& s, P&) -> Slot { return &s.chat.answer_bytes_max; }},

    {"provider", "name", "", "", any, "How it is called everywhere: a to z, 0 to 9, - and _. Required.",
     [](S&, P& p) -> Slot { return &p.name; }},
    {"provider", "kind", "openai", "", one_of("openai|ollama"),
     "The dialect: any OpenAI-compatible API, or Ollama's own.",
     [](S&, P& p) -> Slot { return &p.kind; }},
    {"provider", "base_url", "", "http://127.0.0.1:11434", any,
     "Where its API begins, such as https://nano-gpt.com/api/v1. For Ollama every form of OLLAMA_HOST. Required for "
     "kind = \"openai\", except for the provider named nanogpt.",
     [](S&, P& p) -> Slot { return &p.base_url; }},
    {"provider", "api_key_env", "", "", any,
     "The name of the environment variable (or of the line in .env) that holds the key. Default: NANOGPT_API_KEY "
     "for nano-gpt.com, else no key is sent.",
     [](S&, P& p) -> Slot { return &p.api_key_env; }},
    {"provider", "api_key_file", "", "", any,
     "Instead of it: a file that holds the key alone, readable by its owner only.",
     [](S&, P& p) -> Slot { return &p.api_key_file; }},
    {"provider", "ca_file", "", "", any,
     "The only certificate authorities to trust there (PEM); unset: those of the system.",
     [](S&, P& p) -> Slot { return &p.ca_file; }},
    {"provider", "model", "", ollama_model, any,
     "The model it is asked for. Required for kind = \"openai\", except for the provider named nanogpt "
     "(openai/gpt-4o-mini).",
     [](S&, P& p) -> Slot { return &p.model; }},
    {"provider", "context_tokens", "128000", "8192", between(512, 10'000'000),
     "The model's window. Ollama is sent it as num_ctx, always the same: another value would reload the model.",
     [](S&, P& p) -> Slot { return &p.context_tokens; }},
    {"provider", "local", "", "", any,
     "May private conversations go there? Default: true where base_url is this very machine, else false.",
     [](S&, P& p) -> Slot { return &p.local; }},
    {"provider", "keep_alive", "5m", "", between(0, 24 * hour),
     "Ollama only: how long the model stays in memory after an answer.",
     [](S&, P& p) -> Slot { return &p.keep_alive; }},
    {"provider", "prefill", "auto", "", one_of("auto|yes|no"),
     "Can it continue an assistant message? auto: tried once per model.",
     [](S&, P& p) -> Slot { return &p.prefill; }},
    {"provider", "price_input", "", "", between(0, 100'000), "USD per million tokens read; unset: unknown.",
     [](S&, P& p) -> Slot { return &p.price_input; }},
    {"provider", "price_output", "", "", between(0, 100'000), "USD per million tokens written; unset: unknown.",
     [](S&, P& p) -> Slot { return &p.price_output; }},
    {"provider", "connect_timeout", "2s", "", between(50 * ms, 1 * minute), "Resolving the name, TCP and TLS together.",
     [](S&, P& p) -> Slot { return &p.connect_timeout; }},
    {"provider", "first_content_timeout", "10s", "120s", between(100 * ms, 30 * minute),
     "From the request to the first word of the answer; then the next provider is asked. Ollama may have to load "
     "its model first.",
     [](S&, P& p) -> Slot { return &p.first_content_timeout; }},
    {"provider", "first_content_floor", "5s", "30s", between(100 * ms, 30 * minute),
     "The former is learnt: three times what 95 of 100 first words took, but never less than this.",
     [](S&, P& p) -> Slot { return &p.first_content_floor; }},
    {"provider", "reasoning_timeout", "120s", "", between(1 * second, 1 * hour),
     "Instead of the former once the model was seen thinking.",
     [](S&, P& p) -> Slot { return &p.reasoning_timeout; }},
    {"provider", "idle_timeout", "15s", "", between(100 * ms, 10 * minute),
     "The longest silence in the middle of an answer.",
     [](S&, P& p) -> Slot { return &p.idle_timeout; }},
    {"provider", "tokens_min", "1/s", "0/s", between(0, 1'000),
     "An answer that brings fewer tokens over slow_for is broken off; \"0/s\" never.",
     [](S&, P& p) -> Slot { return &p.tokens_min; }},
    {"provider", "slow_for", "30s", "", between(1 * second, 1 * hour), "See tokens_min.",
     [](S&, P& p) -> Slot { return &p.slow_for; }},
    {"provider", "answer_timeout", "120s", "", between(1 * second, 1 * hour),
     "A whole answer where it does not stream.",
     [](S&, P& p) -> Slot { return &p.answer_timeout; }},
    {"provider", "total_timeout", "10m", "", between(1 * second, 6 * hour), "One answer from request to end, streamed.",
     [](S&, P& p) -> Slot { return &p.total_timeout; }},
    {"provider", "rate_limit", "25/s", "0/s", between(0, 100'000), "Requests sent to it; \"0/s\" is no limit.",
     [](S&, P& p) -> Slot { return &p.rate_limit; }},
    {"provider", "max_concurrent", "10000", "2", between(1, 100'000),
     "Requests under way at the same time; fewer for a while after it said that it is overloaded. For Ollama as many "
     "as it works at in parallel: further ones wait here, in order.",
     [](S&, P& p) -> Slot { return &p.max_concurrent; }},
    {"provider", "connections_idle_max", "16", "4", between(0, 1'000), "Connections kept open for the next request.",
     [](S&, P& p) -> Slot { return &p.connections_idle_max; }},
    {"provider", "reply_bytes_max", "64MiB", "", between(64 * kib, 1 * gib),
     "Bytes of one reply on the wire; more is a bad answer.",
     [](S&, P& p) -> Slot { return &p.reply_bytes_max; }},
    {"provider", "repeat_bytes_max", "4KiB", "", between(0, 64 * mib),
     "Of a text that says the same again and again; more is a bad answer. 0 lets it.",
     [](S&, P& p) -> Slot { return &p.repeat_bytes_max; }},

    {"route", "attempts_max", "6", "", between(1, 50), "Requests that one question may cost, over all providers.",
     [](S& s, P&) -> Slot { return &s.route.attempts_max; }},
    {"route", "restarts_max", "3", "", between(0, 20),
     "How often a broken answer may be begun anew before the question goes back to the queue.",
     [](S& s, P&) -> Slot { return &s.route.restarts_max; }},
    {"route", "answer_deadline", "10m", "", between(10 * second, 24 * hour),
     "The time one turn at answering may take, all providers together; then it goes back to the queue.",
     [](S& s, P&) -> Slot { return &s.route.answer_deadline; }},
    {"route", "failures_in_a_row", "3", "", between(1, 100),
     "So many fast failures in a row open a provider's circuit breaker. Silence, no connection and a refused key "
     "open it at once.",
     [](S& s, P&) -> Slot { return &s.route.failures_in_a_row; }},
    {"route", "failure_calls_min", "10", "", between(2, 10'000),
     "So does half of at least so many calls within failure_window.",
     [](S& s, P&) -> Slot { return &s.route.failure_calls_min; }},
    {"route", "failure_window", "30s", "", between(1 * second, 1 * hour),
     "The time over which these calls are counted.",
     [](S& s, P&) -> Slot { return &s.route.failure_window; }},
    {"route", "account_probe_every", "5m", "", between(1 * second, 24 * hour),
     "How often a provider that refused the key, or has no credit, is tried again.",
     [](S& s, P&) -> Slot { return &s.route.account_probe_every; }},
    {"route", "free_check_every", "2s", "", between(500 * ms, 10 * minute),
     "How often a failing provider's list of models is asked for, which costs nothing.",
     [](S& s, P&) -> Slot { return &s.route.free_check_every; }},
    {"route", "hedge", "off", "", any,
     "Who is asked beside the first provider when that is slower than usual: off; cloud, the next one that is not "
     "local; or a provider's name. At most a tenth of the calls.",
     [](S& s, P&) -> Slot { return &s.route.hedge; }},
    {"route", "rescue_text_max", "256KiB", "", between(0, 64 * mib),
     "Text of one streamed answer that is kept so that another provider can go on from it when it breaks; a longer "
     "one ends with an error then.",
     [](S& s, P&) -> Slot { return &s.route.rescue_text_max; }},
    {"route", "rescue_total_max", "64MiB", "", between(0, 16 * gib), "The same for all answers together.",
     [](S& s, P&) -> Slot { return &s.route.rescue_total_max; }},
    {"route", "held_bytes_max", "16MiB", "", between(64 * kib, 1 * gib),
     "One answer that a caller wants whole or not at all; a larger one is an error.",
     [](S& s, P&) -> Slot { return &s.route.held_bytes_max; }},
    {"route", "rescues_max", "3", "", between(0, 20), "How often one streamed answer is taken up by another provider.",
     [](S& s, P&) -> Slot { return &s.route.rescues_max; }},

    {"queue", "ttl", "24h", "", between(1 * second, 365 * day), "A question that waited longer expires, with a notice.",
     [](S& s, P&) -> Slot { return &s.queue.ttl; }},
    {"queue", "max_pending", "100000", "", between(1, 10'000'000),
     "Questions that may wait; further ones are refused with \"queue full\".",
     [](S& s, P&) -> Slot { return &s.queue.max_pending; }},
    {"queue", "max_attempts", "20", "", between(1, 1'000'000),
     "A question that failed so often while a provider could be asked is given up, with a notice.",
     [](S& s, P&) -> Slot { return &s.queue.max_attempts; }},
    {"queue", "max_crashes", "3", "", between(1, 100),
     "A question during which the process died so often is set aside.",
     [](S& s, P&) -> Slot { return &s.queue.max_crashes; }},
    {"queue", "live_max", "64", "", between(1, 10'000),
     "Questions answered at the same time for people who watch; further ones wait in the queue.",
     [](S& s, P&) -> Slot { return &s.queue.live_max; }},
    {"queue", "watched_max", "4096", "", between(1, 1'000'000),
     "Questions that are watched or worked at the same time.",
     [](S& s, P&) -> Slot { return &s.queue.watched_max; }},
    {"queue", "watchers_max", "32", "", between(1, 10'000), "Watchers of one question.",
     [](S& s, P&) -> Slot { return &s.queue.watchers_max; }},
    {"queue", "workers", "16", "", between(1, 1'000), "Waiting questions that are answered at the same time.",
     [](S& s, P&) -> Slot { return &s.queue.workers; }},
    {"queue", "lease", "30s", "", between(5 * second, 1 * hour),
     "A worker that gives no sign of life for so long loses its question to another.",
     [](S& s, P&) -> Slot { return &s.queue.lease; }},
    {"queue", "retry_delay_min", "5s", "", between(100 * ms, 10 * minute),
     "The wait after a question failed although a provider could be asked; doubled after each further attempt, and "
     "spread. When a provider comes back nobody waits any longer.",
     [](S& s, P&) -> Slot { return &s.queue.retry_delay_min; }},
    {"queue", "retry_delay_max", "15m", "", between(1 * second, 24 * hour), "The longest wait between two attempts.",
     [](S& s, P&) -> Slot { return &s.queue.retry_delay_max; }},
    {"queue", "question_bytes_max", "256KiB", "", between(1 * kib, 256 * kib), "Text of one question.",
     [](S& s, P&) -> Slot { return &s.queue.question_bytes_max; }},

    {"log", "level", "warning", "", one_of("debug|info|warning|alarm"), "The least severe notes that are written.",
     [](S& s, P&) -> Slot { return &s.log.level; }},
    {"log", "file", "", "", any, "Where to; unset: standard error.",
     [](S& s, P&) -> Slot { return &s.log.file; }},
    {"log", "access_file", "", "", any,
     "A file for one line of JSON per request of the HTTP API, without message text; unset: none. It may be moved "
     "away at any time.",
     [](S& s, P&) -> Slot { return &s.log.access_file; }},
});
// clang-format on

std::string to_upper(std::string_view text) {
    std::string result(text);
    for (char& c : result)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return result;
}

}  // namespace

std::span<const Section> sections() noexcept { return all_sections; }
std::span<const Field> fields() noexcept { return all_fields; }

const Field* find_field(std::string_view section, std::string_view name) noexcept {
    for (const Field& field : all_fields)
        if (field.section == section && field.name == name) return &field;
    return nullptr;
}

std::vector<std::string_view> section_names() {
    std::vector<std::string_view> names;
    names.reserve(all_sections.size());
    for (const Section& section : all_sections) names.push_back(section.name);
    return names;
}

std::vector<std::string_view> field_names(std::string_view section) {
    std::vector<std::string_view> names;
    for (const Field& field : all_fields)
        if (field.section == section) names.push_back(field.name);
    return names;
}

std::string environment_name(const Field& field) {
    if (field.section == "provider") return {};
    if (field.section == "storage" && field.name == "dir") return "EVENKEEL_DATA";
    return "EVENKEEL_" + to_upper(field.section) + "_" + to_upper(field.name);
}

std::string_view provider_environment_name(std::string_view provider, std::string_view field) noexcept {
    struct Name {
        std::string_view provider, field, name;
    };
    constexpr std::array<Name, 4> names{{{"nanogpt", "base_url", "NANOGPT_API_URL"},
                                         {"nanogpt", "model", "NANOGPT_MODEL"},
                                         {"ollama", "base_url", "OLLAMA_HOST"},
                                         {"ollama", "model", "OLLAMA_MODEL"}}};
    for (const Name& each : names)
        if (each.provider == provider && each.field == field) return each.name;
    return {};
}

}  // namespace evenkeel

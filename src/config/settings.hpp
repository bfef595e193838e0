#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/base_url.hpp"
#include "core/secret.hpp"
#include "core/time.hpp"

namespace evenkeel {

struct ByteSize {
    std::size_t bytes = 0;
};
struct Rate {
    double per_second = 0;  ///< 0: no limit.
};

/// What every setting means, its unit, default and range: the one table in fields.cpp, and docs/settings.md made of it.
struct ServerSettings {
    std::string listen;
    std::vector<std::string> allow_hosts, allow_origins;
    std::int64_t connections_max = 0;
    ByteSize head_bytes_max, body_bytes_max;
    Millis head_timeout{}, body_timeout{}, idle_timeout{}, drain_timeout{};
};

struct StorageSettings {
    std::string dir;
    std::string engine;
    Millis retention{};
    ByteSize disk_free_min;
};

struct ChatSettings {
    std::string system_prompt;
    std::int64_t history_messages = 0;
    std::int64_t max_tokens = 0;
    double temperature = 0;
    ByteSize answer_bytes_max;
};

struct ProviderSettings {
    std::string name, kind;
    std::string base_url;  ///< As written; `url` is what it means.
    std::string api_key_env, api_key_file, ca_file;
    std::string model;
    std::int64_t context_tokens = 0;
    Millis keep_alive{};
    bool local = false;
    std::string prefill;
    std::optional<double> price_input, price_output;  ///< USD per million tokens; unknown is empty, never 0.
    Millis connect_timeout{}, first_content_timeout{}, reasoning_timeout{}, idle_timeout{}, answer_timeout{};
    Millis total_timeout{};
    Rate rate_limit, tokens_min;
    Millis first_content_floor{}, slow_for{};
    std::int64_t max_concurrent = 0;
    std::int64_t connections_idle_max = 0;
    ByteSize reply_bytes_max, repeat_bytes_max;

    // What loading makes of these.
    BaseUrl url;
    Secret api_key;
    std::string left_out;  ///< Why it is not part of the route (its key is missing); empty: it is.
    bool is_ollama() const noexcept { return kind == "ollama"; }
};

struct RouteSettings {
    std::int64_t attempts_max = 0, restarts_max = 0;
    Millis answer_deadline{};
    std::int64_t failures_in_a_row = 0, failure_calls_min = 0;
    Millis failure_window{}, account_probe_every{}, free_check_every{};
    ByteSize rescue_text_max, rescue_total_max, held_bytes_max;
    std::int64_t rescues_max = 0;
    std::string hedge;
};

struct QueueSettings {
    Millis ttl{};
    std::int64_t max_pending = 0;
    std::int64_t max_attempts = 0;
    std::int64_t max_crashes = 0;
    std::int64_t live_max = 0, watched_max = 0, watchers_max = 0;
    std::int64_t workers = 0;
    Millis lease{};
    Millis retry_delay_min{}, retry_delay_max{};
    ByteSize question_bytes_max;
};

struct LogSettings {
    std::string level;
    std::string file;
    std::string access_file;
};

/// One line of `config show`.
struct SettingOrigin {
    std::string section;  ///< "queue"; "provider nanogpt" for a provider's.
    std::string name;
    std::string value;   ///< As one would write it in the file; secrets masked; "unset" where there is none.
    std::string source;  ///< "default", "evenkeel.toml, line 12", ".env, line 3: NANOGPT_MODEL", "--data" …
};

struct Settings {
    ServerSettings server;
    StorageSettings storage;
    ChatSettings chat;
    std::vector<ProviderSettings> providers;  ///< In the order of the route; also those that are left out.
    RouteSettings route;
    QueueSettings queue;
    LogSettings log;

    std::string file;                    ///< The settings file that was read; empty: none.
    std::string dotenv;                  ///< The .env file that was read; empty: none.
    bool configured = false;             ///< A key, an OLLAMA_* name or a [[provider]] was given.
    std::vector<SettingOrigin> origins;  ///< Every setting, in the table's order.
};

/// Where nothing is configured, `chat` may offer practice providers (if no Ollama answers at its default place either).
inline bool needs_practice(const Settings& settings) noexcept { return !settings.configured; }

}  // namespace evenkeel

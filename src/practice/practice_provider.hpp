#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/env.hpp"
#include "core/secret.hpp"
#include "net/connection.hpp"
#include "practice/behaviour.hpp"
#include "practice/practice_log.hpp"

namespace evenkeel::practice {

enum class Kind : std::uint8_t { openai, ollama };
std::string_view to_string(Kind kind) noexcept;

struct PracticeOptions {
    std::string name = "practice-cloud";
    Kind kind = Kind::openai;
    std::string host = "127.0.0.1";
    std::uint16_t port = 0;                       ///< 0 takes a free one, and keeps it.
    std::vector<std::string> models{"practice"};  ///< Others are missing, but for the names that carry a fault.
    Millis first_token{20};                       ///< From the request to the first token.
    Millis pace{15};                              ///< Between two tokens.
    std::optional<Secret> key;                    ///< Demanded as a bearer token; empty: none is asked for.
};

/// A provider of canonical answers on a real socket, which fails as its script says. What it serves is shaped byte by
/// byte like NanoGPT (`openai`: paths …/chat/completions and …/models) or like Ollama (`ollama`: its native API).
/// A fault that looks like an outage (refuse, reset, silence, HTML, garbage, a status ≥ 500) also holds for the free
/// questions, such as the list of models; only chats count as requests of a script.
/// On the same port `/practice/…` steers it: practice_control.hpp. One loop.
class PracticeProvider {
public:
    PracticeProvider(Env env, Network& network, PracticeOptions options);
    ~PracticeProvider();
    PracticeProvider(const PracticeProvider&) = delete;
    PracticeProvider& operator=(const PracticeProvider&) = delete;

    /// Opens its port. Errors: as Network::listen.
    Result<void> start();
    std::uint16_t port() const noexcept;
    /// What a configuration holds: "http://127.0.0.1:4711/api/v1", "http://127.0.0.1:4712".
    std::string base_url() const;
    const PracticeOptions& options() const noexcept;

    /// From now on; see FaultScript. `refuse` takes effect at the loop's next turn, and so does its end.
    void always(Behaviour behaviour, std::string_view model = {});
    void next(std::uint32_t requests, Behaviour behaviour, std::string_view model = {});
    Behaviour present() const;
    const PracticeLog& log() const noexcept;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace evenkeel::practice

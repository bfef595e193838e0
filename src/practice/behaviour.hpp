#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/time.hpp"

namespace evenkeel::practice {

/// How a practice provider treats one request. What each looks like on the wire: protocols of the real ones, per
/// dialect, in openai_dialect.cpp and ollama_dialect.cpp.
enum class Fault : std::uint8_t {
    healthy,
    status,         ///< `number` is the HTTP status; `time` its Retry-After; `html` a CDN's page instead of JSON.
    refuse,         ///< Nobody listens, and what was connected is cut: the process is gone. Holds for all requests.
    reset,          ///< Accepts, reads, and resets the connection.
    silence,        ///< Accepts, reads, and never sends a byte.
    headers,        ///< 200 and headers, then silence.
    reasoning,      ///< Thinks aloud for `time`, then answers.
    cut,            ///< Closes after `number` tokens, in mid-body.
    stall,          ///< Sends nothing more after `number` tokens, connection open.
    error,          ///< Says in the stream, after `number` tokens, that it failed.
    no_finish,      ///< A proper end of the body, but no finish reason and no end marker.
    done_only,      ///< The end marker without a finish reason. Ollama has no such form: there as no_finish.
    empty,          ///< A whole answer without content.
    whitespace,     ///< A whole answer of blanks.
    html,           ///< 200 with a page for people.
    error_200,      ///< 200 with an error object.
    no_content,     ///< 204.
    truncated,      ///< JSON that ends in the middle, properly framed.
    model_missing,  ///< 404 as for a model that is not there.
    busy,           ///< 503 as by a full queue.
    slow,           ///< `time` between two tokens.
    cold,           ///< Not a byte for `time`, as while a model loads, then answers.
    garbage,        ///< Bytes that are not HTTP.
};

struct Behaviour {
    Fault fault = Fault::healthy;
    std::uint32_t number = 0;
    std::optional<Millis> time;
    bool html = false;
    bool operator==(const Behaviour&) const = default;
};

/// A word and its arguments, in any order: "healthy", "status-503", "status-429-2s", "status-502-html", "cut-40",
/// "reasoning-3s", "slow-200ms". What is left out has a default. Nothing for anything else.
std::optional<Behaviour> parse_behaviour(std::string_view text);
std::string to_string(const Behaviour& behaviour);

/// A model of this name brings its own behaviour, whatever the script says: "fault-cut-40".
inline constexpr std::string_view fault_model_prefix = "fault-";
/// Nothing for a model without the prefix, or with a word that is none.
std::optional<Behaviour> behaviour_of_model(std::string_view model);

/// Which behaviour the next request meets. First that applies: the model's own name, what was said for that model,
/// what was said for all; of these, first the steps for a number of requests, then what holds until told otherwise.
class FaultScript {
public:
    /// From now on, until told otherwise; forgets the steps that were still to come. Empty model: all models.
    void always(Behaviour behaviour, std::string_view model = {});
    /// For so many requests, after the steps that are still to come; at most `steps_max` of them wait, more are
    /// dropped.
    void next(std::uint32_t requests, Behaviour behaviour, std::string_view model = {});
    /// The behaviour of a chat request for that model; counts it.
    Behaviour take(std::string_view model);
    /// What holds for all models at present; counts nothing.
    Behaviour present() const;
    /// Is the whole provider to be gone, until told otherwise? A refusal for a number of requests, or for one model,
    /// only closes the connection of each: nobody could count who knocks at a closed port.
    bool taken_down() const;

    static constexpr std::size_t steps_max = 1'000;

private:
    struct Step {
        std::uint32_t left = 0;
        Behaviour behaviour;
    };
    struct Track {
        std::deque<Step> steps;
        std::optional<Behaviour> standing;
        std::optional<Behaviour> take();
    };
    std::map<std::string, Track, std::less<>> tracks_;  ///< "" is for all models. At most `steps_max` names.
};

}  // namespace evenkeel::practice

#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "core/time.hpp"

namespace evenkeel::practice {

/// One request as a practice provider met it: what `rehearse` and the tests judge by.
struct Encounter {
    enum class Outcome : std::uint8_t {
        running,   ///< Still being answered.
        answered,  ///< Told a whole answer to its end.
        refused,   ///< An error status, as asked by the script or because the request was wrong.
        failed,    ///< The script's fault was played: no whole answer.
        left,      ///< The client went away first.
        cut,       ///< The provider itself was taken down meanwhile.
    };
    std::uint64_t number = 0;  ///< Counts from 1 over the provider's life.
    Millis at{0};              ///< Since the provider was made.
    std::optional<Millis> first_token_at;
    std::optional<Millis> ended_at;
    std::string path;
    std::string model;
    bool stream = false;
    std::size_t messages = 0;
    std::string behaviour;  ///< As to_string(Behaviour).
    Outcome outcome = Outcome::running;
    int status = 0;  ///< As sent; 0 where none was.
    std::int64_t tokens_sent = 0;
    std::uint64_t question_hash = 0;  ///< FNV-1a of the whole last user message.
    std::string question;             ///< Its first KiB.
};
std::string_view to_string(Encounter::Outcome outcome) noexcept;

/// The latest encounters, oldest first.
class PracticeLog {
public:
    /// At most this many are kept (about 15 MiB when every question is long); older ones are forgotten.
    static constexpr std::size_t encounters_max = 10'000;
    static constexpr std::size_t question_bytes_max = 1'024;

    /// Gives its number.
    std::uint64_t add(Encounter encounter, std::string_view question);
    /// Null when it was forgotten. Valid until the next add().
    Encounter* find(std::uint64_t number) noexcept;
    const std::deque<Encounter>& encounters() const noexcept { return encounters_; }
    std::uint64_t total() const noexcept { return total_; }
    /// Those numbered above `after`, as a JSON array with the members of Encounter; times in milliseconds as `at_ms`,
    /// `first_token_ms`, `ended_ms`, the hash in hexadecimal.
    std::string to_json(std::uint64_t after = 0) const;

private:
    std::deque<Encounter> encounters_;
    std::uint64_t total_ = 0;
};

/// FNV-1a, 64 bits: the same in every language that a test is written in.
std::uint64_t fnv1a(std::string_view text) noexcept;

}  // namespace evenkeel::practice

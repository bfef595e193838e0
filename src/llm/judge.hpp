#pragma once
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

#include "core/message.hpp"
#include "core/result.hpp"

namespace evenkeel {

/// What a reply has shown so far, whatever its dialect and whether it was streamed. The readers set these; `judge`
/// decides from nothing else, so that a stream and a whole JSON answer cannot be judged differently.
enum class Fact : std::uint32_t {
    body = 1 << 0,        ///< A byte that is not blank.
    html = 1 << 1,        ///< It is a web page.
    reply = 1 << 2,       ///< Something of it had the shape of a reply in the dialect.
    document = 1 << 3,    ///< It came as one JSON document, and is complete as such.
    no_choices = 1 << 4,  ///< That document's `choices` were null or empty.
    text = 1 << 5,        ///< Text that can be seen.
    blank = 1 << 6,       ///< Text that cannot: blanks only.
    tool_call = 1 << 7,
    reasoning = 1 << 8,
    finish = 1 << 9,         ///< A reason to stop, which makes a reply whole.
    filtered = 1 << 10,      ///< That reason was the provider's content filter.
    length = 1 << 11,        ///< That reason was the token limit.
    failed = 1 << 12,        ///< That reason was a failure ("error", "network_error").
    marker = 1 << 13,        ///< `[DONE]`. It proves nothing: NanoGPT sends it after a failure too.
    broken = 1 << 14,        ///< The connection broke before the body's end.
    endless = 1 << 15,       ///< Its text says the same again and again.
    garbled_call = 1 << 16,  ///< A tool call whose arguments cannot be read, though no token limit cut them.
};

class Facts {
public:
    constexpr Facts() = default;
    constexpr Facts(std::initializer_list<Fact> facts) {
        for (const Fact fact : facts) set(fact);
    }
    constexpr void set(Fact fact) noexcept { bits_ |= static_cast<std::uint32_t>(fact); }
    constexpr bool has(Fact fact) const noexcept { return (bits_ & static_cast<std::uint32_t>(fact)) != 0; }
    constexpr bool all_of(Facts other) const noexcept { return (bits_ & other.bits_) == other.bits_; }
    constexpr bool any_of(Facts other) const noexcept { return (bits_ & other.bits_) != 0; }
    constexpr Facts operator|(Facts other) const noexcept {
        other.bits_ |= bits_;
        return other;
    }
    /// Visible text or a tool call: what commits a caller to this reply.
    constexpr bool has_content() const noexcept { return any_of({Fact::text, Fact::tool_call}); }

private:
    std::uint32_t bits_ = 0;
};

/// The verdict on a reply that has ended. Nothing: it is whole. Else why it is not an answer, with the class, scope,
/// code and a sentence; origin is the provider, except that a filtered question is the caller's.
std::optional<Error> judge(Facts facts);

/// What a finish reason of any vendor means (protocols.md 7.3).
struct FinishWord {
    enum class Meaning : std::uint8_t {
        running,  ///< Null or empty: not finished.
        finished,
        failed,   ///< An error in the guise of a finish reason.
        unknown,  ///< A word nobody has described: taken for `stop`, and worth a note.
    };
    Meaning meaning = Meaning::running;
    FinishReason reason = FinishReason::stop;
};
FinishWord finish_word(std::string_view word) noexcept;

/// What a body is, by its first byte that is not blank; servers lie about Content-Type.
enum class BodyKind : std::uint8_t {
    undecided,  ///< Blanks only, so far.
    document,   ///< `{` or `[`: one JSON document, or NDJSON.
    events,     ///< Server-sent events, or something that is none of these.
    html,
};
BodyKind sniff(std::string_view bytes) noexcept;

/// True if somebody would see anything: not only blanks of ASCII or Unicode, and marks without width.
bool has_visible_text(std::string_view text) noexcept;

}  // namespace evenkeel

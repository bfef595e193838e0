#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/message.hpp"
#include "llm/provider.hpp"
#include "llm/reply_writer.hpp"

namespace evenkeel {

/// One step of an answer as it came: what a stream tells in one event.
struct AnswerPiece {
    enum class Kind : std::uint8_t { content, reasoning, tool_call };
    Kind kind = Kind::content;
    std::uint32_t call = 0;  ///< tool_call: which one. Its first piece begins it.
    std::string text;        ///< content, reasoning: never empty. tool_call: more of its arguments, may be empty.
    std::string id, name;    ///< tool_call: of the call, with its first piece alone.
    bool operator==(const AnswerPiece&) const = default;
};

/// The answer to a call with the borders of its pieces, so that whoever reads it twice reads the same events. An answer
/// that is begun anew gets another `beginning`: by it a reader who comes back with a place in the lost text is found
/// out. Not for plain turns, whose readers can strike.
class Transcript {
public:
    static constexpr std::size_t pieces_max = std::size_t{1} << 20;  ///< Then what comes joins the last of its kind.

    explicit Transcript(std::int64_t beginning = 0) noexcept : beginning_(beginning) {}
    /// Takes what an answer is made of and passes over the rest.
    void take(const ReplyEvent& event);

    const std::string& text() const noexcept { return text_; }
    const std::string& reasoning() const noexcept { return reasoning_; }
    const std::vector<ToolCall>& calls() const noexcept { return calls_.all(); }
    /// Of text, reasoning and arguments together.
    std::size_t bytes() const noexcept { return bytes_; }
    std::int64_t beginning() const noexcept { return beginning_; }
    /// Who speaks, as far as it is known while he does; tries up to his.
    struct Source {
        std::string provider, model;
        std::uint32_t tries = 0;
    };
    Source source;

    std::size_t size() const noexcept { return pieces_.size(); }
    AnswerPiece at(std::size_t index) const;

    /// Writes text, tool_calls, reasoning and pieces.
    void keep_in(Answer& answer) const;
    /// As it was kept; an answer without pieces, or with borders that do not fit it, is one piece of each kind.
    static Transcript of(const Answer& answer);

private:
    struct Border {
        AnswerPiece::Kind kind;
        bool first;  ///< tool_call: it begins this call.
        std::uint32_t call;
        std::uint32_t from, bytes;  ///< Within its text.
    };
    void add(AnswerPiece::Kind kind, std::uint32_t call, std::size_t from, std::size_t bytes);
    bool read_pieces(std::string_view pieces);
    void read_calls(std::string_view json);

    std::string text_, reasoning_;
    ToolCalls calls_;
    std::vector<Border> pieces_;
    std::size_t bytes_ = 0;
    std::int64_t beginning_;
};

/// The value of Answer::tool_calls; empty for none.
std::string tool_calls_json(std::span<const ToolCall> calls);
/// The reverse; lenient.
std::vector<ToolCall> tool_calls_from_json(std::string_view json);

}  // namespace evenkeel

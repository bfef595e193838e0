#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/env.hpp"
#include "llm/caller_body.hpp"
#include "llm/provider.hpp"

namespace evenkeel {

/// One call of a tool, put together from its pieces: OpenAI's servers send the arguments in fragments of text, Ollama
/// sends each call whole.
struct ToolCall {
    std::string id;  ///< Empty where none was given.
    std::string name;
    std::string arguments;  ///< JSON text.
};

/// Joins tool_call events into calls.
class ToolCalls {
public:
    /// A delta of either dialect, or a whole call. What cannot be read is passed over.
    void take(std::string_view json);
    const std::vector<ToolCall>& all() const noexcept { return calls_; }

private:
    std::vector<ToolCall> calls_;
};

/// What stands in every piece of a reply.
struct ReplyHead {
    std::string id;     ///< "chatcmpl-…": OpenAI's dialect only.
    std::string model;  ///< The one that answers.
    WallTime created;
    Instant asked;             ///< For Ollama's durations.
    bool wants_usage = false;  ///< OpenAI's stream: a chunk with the tokens at its end.
    bool begun = false;        ///< The caller has read the beginning elsewhere: the role is not told again.
};

/// Tells a reply in a caller's dialect from its events, whatever dialect it came in. Either streamed (`write` for each
/// batch, `finish` once behind the last), or whole (`collect` for each batch, then `document`).
class ReplyWriter {
public:
    virtual ~ReplyWriter() = default;
    /// Appends what the caller is to read of these events.
    virtual void write(std::span<const ReplyEvent> events, std::string& out) = 0;
    virtual void finish(std::string& out) = 0;
    virtual void collect(std::span<const ReplyEvent> events) = 0;
    virtual std::string document() = 0;
};

/// Server-sent events, or one `chat.completion`.
std::unique_ptr<ReplyWriter> make_openai_writer(ReplyHead head);
/// NDJSON of `/api/chat`, or one object.
std::unique_ptr<ReplyWriter> make_ollama_writer(Env env, ReplyHead head);
/// Events of `/v1/completions`, or one `text_completion`: the text alone.
std::unique_ptr<ReplyWriter> make_text_completion_writer(Env env, ReplyHead head);
/// NDJSON of `/api/generate`, or one object. It has no calls of tools.
std::unique_ptr<ReplyWriter> make_ollama_generate_writer(Env env, ReplyHead head);

}  // namespace evenkeel

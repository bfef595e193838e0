#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/json.hpp"
#include "core/pool.hpp"
#include "llm/event_buffer.hpp"
#include "llm/judge.hpp"
#include "llm/lone_surrogates.hpp"
#include "llm/repeat_detector.hpp"
#include "llm/think_splitter.hpp"
#include "llm/tool_arguments.hpp"

namespace evenkeel {

/// A reply in one dialect as a pure push machine: the body's bytes in, events and facts out. It never blocks and knows
/// no time; whether what it read is an answer is for the judge. How the bytes are split never changes the result.
class ReplyReader : public Pooled {
public:
    virtual ~ReplyReader() = default;
    /// Takes the next bytes of the body. Errors: what the provider said instead of an answer, as `classify` gives it
    /// (not scrubbed); bad_answer (broken JSON, over a limit).
    virtual Result<void> feed(std::string_view bytes) = 0;
    /// The body has ended in good order. Errors as `feed`.
    virtual Result<void> finish() = 0;

    /// What the body is, once its first byte has told; `none` until then, and for what is no reply in the dialect.
    virtual WireFormat format() const noexcept = 0;

    /// So many bytes of a text that only repeats itself are too many; 0: it may for ever. Before the first byte.
    void limit_repeats(std::size_t bytes_max) noexcept { repeats_ = RepeatDetector(bytes_max); }
    /// The whole body where it came as one document, and so far where it is not yet complete; else empty.
    virtual std::string_view document() const noexcept { return {}; }

    const Facts& facts() const noexcept { return facts_; }
    /// Nothing that matters can follow: the end marker was seen.
    bool is_complete() const noexcept { return facts_.has(Fact::marker); }
    EventBuffer& events() noexcept { return events_; }
    const std::optional<Usage>& usage() const noexcept { return usage_; }
    /// As billed, in USD, where the provider says it.
    std::optional<double> cost_usd() const noexcept { return cost_usd_; }
    /// The model that says it answers; empty where none was named.
    std::string_view model() const noexcept { return model_; }
    /// Bytes of content and reasoning so far: what an estimate of output tokens rests on.
    std::size_t output_bytes() const noexcept { return output_bytes_; }
    /// A finish reason that nobody has described; empty if there was none.
    std::string_view odd_finish() const noexcept { return odd_finish_; }

protected:
    /// Parses one JSON value; mends escaped halves of characters. Invalidates what an earlier parse gave, of any reader
    /// of this thread.
    Result<Json> parse(std::string_view json);
    /// Adds text of the answer, inline reasoning told apart.
    void add_content(std::string_view text);
    void add_reasoning(std::string_view text);
    void add_tool_call(Json call);
    /// Several may come; the last counts.
    void add_usage(const Usage& usage);
    /// Several may come; the first counts.
    void add_finish(std::string_view word);
    /// What was held back because it might have become a tag is text.
    void flush_text();

    Facts facts_;
    EventBuffer events_;
    std::optional<Usage> usage_;
    std::optional<double> cost_usd_;
    std::string model_;
    std::string odd_finish_;

private:
    void split(std::string_view text);
    void add_visible(std::string_view text);
    void add_thought(std::string_view text);
    ThinkSplitter splitter_;
    bool has_halves_ = false;  ///< Some delta held half a character: from then on texts pass through the joiners.
    SurrogateJoiner content_joiner_, reasoning_joiner_;
    std::size_t output_bytes_ = 0;
    RepeatDetector repeats_;
    std::unique_ptr<ToolArguments> arguments_;
};

/// `/chat/completions`, streamed or not; which of the two is decided by the bytes. `choices`: so many answers were
/// asked for; the events are those of the first, and the reply is finished when all are.
std::unique_ptr<ReplyReader> make_openai_reader(std::uint32_t choices = 1);
/// Native `/api/chat`; `stream`: as it was asked for.
std::unique_ptr<ReplyReader> make_ollama_reader(bool stream = true);

}  // namespace evenkeel

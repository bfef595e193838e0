#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/message.hpp"
#include "core/task.hpp"
#include "llm/caller_body.hpp"
#include "llm/embeddings.hpp"

namespace evenkeel {

/// What is asked. Immutable while any provider works on it; shared between the lanes of a route.
struct ChatRequest {
    std::string model;        ///< Empty: each provider's own default.
    std::vector<Turn> turns;  ///< Oldest first, the question last. Each adapter fits them to its own window.
    /// Instead of `turns`, max_tokens and temperature: the body of a caller who keeps the history himself. Adapters of
    /// its dialect splice into it, the other one translates it; nobody cuts it. Outlives every stream opened with it.
    const CallerBody* body = nullptr;
    bool stream = true;  ///< false: one JSON answer; open() then ends with the whole of it.
    std::uint32_t max_tokens = 1000;
    std::optional<double> temperature = 0.7;  ///< 0 to 2; empty: the provider's default.
};

/// What a surface may show while nothing can be read yet. The adapters tell the first three; `failed` is told by the
/// layer that turns to the next provider, since it alone also knows of those who never answered.
struct Progress {
    enum class Kind : std::uint8_t {
        asking,     ///< A provider is being asked.
        loading,    ///< A local model is being loaded into memory.
        reasoning,  ///< The model thinks: life, but not an answer.
        failed,     ///< A provider failed; `detail` says how. Another may follow.
    };
    Kind kind = Kind::asking;
    std::string_view provider, model, detail;  ///< For the duration of the call.
};

/// What becomes of a reply that breaks after its first content (resilience/resuming.hpp).
enum class OnCut : std::uint8_t {
    fail,    ///< The error comes through: for surfaces that can take text back and begin anew.
    resume,  ///< Another provider goes on behind what was read, or the error comes through.
    hold,    ///< Nothing is handed out before the answer is whole, so that another may begin anew unseen.
};

/// Travels with one question through all layers: its limits, and the record of what was tried. Outlives every stream
/// opened with it. One loop.
struct Call {
    Id id;
    Instant deadline = forever;      ///< Nobody works on it after that.
    std::uint32_t attempts_max = 6;  ///< Tries that reached for the network, over all lanes. ≥ 1.
    bool local_only = false;         ///< Private: only providers marked local may see it.
    bool probe = false;              ///< Asked to learn about health: passes an open breaker's gate.
    Millis slot_wait{0};             ///< How long it may wait for a lane that has as much to do as it may be given.
    bool others_left = false;        ///< Set by the fail-over: another lane can take it, so this one must not wait.
    std::string only;                ///< The one provider that may be asked, by name; empty: any.
    std::vector<std::string> avoid;  ///< Providers that already broke this very turn: asked only if no other is left.
    OnCut on_cut = OnCut::fail;
    bool continues = false;         ///< The request ends with the beginning of its answer: only for lanes that go on.
    std::vector<Attempt> attempts;  ///< Appended by adapters (every try) and by layers that skip one.
    std::optional<Instant> reasoning_since;  ///< Set by the adapter at the first reasoning delta of the running try.
    std::function<void(const Progress&)> on_progress;  ///< May be empty. Must not re-enter.
};

/// The code of the error of a model that says the same again and again: nobody can go on from such a text.
inline constexpr std::string_view endless_repeat_code = "endless_repeat";

/// A piece of meaning in a reply, as a view into the batch that carries it.
struct ReplyEvent {
    enum class Kind : std::uint8_t { content, reasoning, tool_call, usage, finish };
    Kind kind = Kind::content;
    std::string_view text;  ///< content, reasoning: never empty, whole code points. tool_call: its JSON as received.
    Usage usage;            ///< usage only. May come before or after finish, or not at all.
    FinishReason finish = FinishReason::stop;  ///< finish only; once per reply.
};

/// What `Batch::wire` holds, so that a surface of the same dialect can hand it on as it is.
enum class WireFormat : std::uint8_t {
    none,           ///< Nothing that may be handed on: the events alone count.
    openai_events,  ///< Server-sent events of `/v1/chat/completions`, whole with `data: [DONE]`.
    openai_json,    ///< One `chat.completion` object; comes in one batch.
    ollama_lines,   ///< NDJSON of `/api/chat`.
    ollama_json,    ///< One object of `/api/chat`; comes in one batch.
};

/// All that one receive brought. Valid until the next call of next(), and no longer than the stream.
struct Batch {
    /// The upstream's own bytes (de-chunked), whole events only, without the chunk of usage that nobody but us had
    /// asked for. All batches of one format put together are what a caller of that dialect is to read. May be empty.
    std::string_view wire;
    std::span<const ReplyEvent> events;  ///< In order.
    bool end = false;                    ///< Nothing follows. The reply is whole: its finish was seen.
    WireFormat format = WireFormat::none;
};

/// One reply being produced. Destroying it cancels the rest upstream and closes that try's record as cancelled.
class ReplyStream {
public:
    virtual ~ReplyStream() = default;
    /// The next batch. The first holds the first content. After `end` or an error it must not be called again.
    /// Errors: transient or bad_answer (cut: closed without a finish), silent (a gap too long), overload, account,
    /// policy (as the provider said in mid-stream), cancelled.
    virtual Task<Result<Batch>> next() = 0;
    /// Where this reply's try stands in Call::attempts.
    virtual std::size_t attempt() const noexcept = 0;
};

/// A model that answers, or a tree of them: every resilience layer is itself a Provider. One loop.
class Provider {
public:
    virtual ~Provider() = default;
    /// The tree in one line, for logs, tests and `status`: "failover(breaker(nanogpt), ollama)".
    virtual std::string describe() const = 0;
    /// Resumes when the first **content** is in hand (the commit point): visible text or a tool call, not a role chunk,
    /// a comment or reasoning. Before it fail-over is free. `request` and `call` outlive the stream; the stream must
    /// not outlive the provider. Errors: any class but storage.
    virtual Task<Result<std::unique_ptr<ReplyStream>>> open(const ChatRequest& request, Call& call) = 0;
};
using ProviderPtr = std::shared_ptr<Provider>;

/// One configured upstream: who it is, and the free questions that cost no tokens. Implemented by the two adapters.
class Upstream : public Provider {
public:
    struct Identity {
        std::string name;                 ///< As configured: "nanogpt".
        std::string kind;                 ///< "openai" or "ollama".
        std::string model;                ///< Its default.
        bool local = false;               ///< May private conversations go there?
        std::int64_t context_tokens = 0;  ///< Its default model's window, as configured.
    };
    virtual const Identity& identity() const noexcept = 0;
    /// The models it offers now. Connects; costs nothing. Proves reachability, not the key (NanoGPT lists without one).
    virtual Task<Result<std::vector<std::string>>> models(Instant deadline) = 0;
    /// Vectors for texts, within `call.deadline`; the try is recorded in the call. `request` and `call` outlive the
    /// task. Errors: any class but storage; capacity of the caller where this upstream makes no vectors.
    virtual Task<Result<Embeddings>> embed(const EmbedRequest& request, Call& call);
};

}  // namespace evenkeel

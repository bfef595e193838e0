#pragma once
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/async.hpp"
#include "core/env.hpp"
#include "llm/provider.hpp"

namespace evenkeel::testing {

/// What a scripted provider does with one call, step by step on virtual time. A script that ends without `finish` is a
/// cut, as in life.
///
///     Script().wait(50ms).reasoning("hm").content("Hel").wait(10ms).content("lo").usage(7, 2).finish()
class Script {
public:
    Script& wait(Nanos duration);
    Script& hang();  ///< Nothing more, ever.
    Script& loading();
    Script& reasoning(std::string text);
    Script& content(std::string text);
    Script& tool_call(std::string json);
    Script& usage(std::int64_t input, std::int64_t output);
    Script& model(std::string name);  ///< The model that says it answers.
    Script& finish(FinishReason reason = FinishReason::stop);
    Script& fail(Error error);

private:
    friend class ScriptedStream;
    struct Step {
        enum class Kind : std::uint8_t {
            wait,
            hang,
            loading,
            reasoning,
            content,
            tool_call,
            usage,
            model,
            finish,
            fail
        };
        Kind kind = Kind::hang;
        Nanos duration{0};
        std::string text;
        Usage tokens;
        FinishReason reason = FinishReason::stop;
        Error error;
    };
    Script& add(Step step);
    std::vector<Step> steps_;
};

/// `text` word by word: the first after `first_after`, then one each `gap`; usage and finish at the end.
Script answering(std::string_view text, Nanos first_after = Millis{100}, Nanos gap = Millis{10});
/// The first `words` words of `text`, then the connection is gone.
Script cutting(std::string_view text, std::size_t words, Nanos first_after = Millis{100}, Nanos gap = Millis{10});
/// The first `words` words of `text`, then silence.
Script stalling(std::string_view text, std::size_t words, Nanos first_after = Millis{100}, Nanos gap = Millis{10});
/// A provider's error of that class; `after` is when it comes.
Script failing(ErrorClass cls, std::optional<Millis> retry_after = {}, std::string code = {}, Nanos after = Millis{1});
/// Not one byte.
Script silent();

/// A provider that does what its script says: open() and the stream keep the contract to the letter, attempts included.
class ScriptedProvider final : public Upstream {
public:
    /// What it was asked, in order.
    struct Asked {
        Instant at;
        std::vector<Turn> turns;
        std::string model;
        bool stream, probe, local_only;
    };

    explicit ScriptedProvider(Env env, std::string name, bool local = false);

    /// Until told otherwise every call is answered "Fine." Calls take the queued scripts first, then this one.
    ScriptedProvider& always(Script script);
    ScriptedProvider& then(Script script);
    /// For requests that end with the beginning of their answer, before all others: gets that beginning.
    ScriptedProvider& continuing(std::function<Script(const std::string&)> script);

    const std::vector<Asked>& asked() const noexcept { return asked_; }
    /// Calls being worked on: open() under way or a stream alive.
    std::size_t running() const noexcept { return running_; }
    /// What models() gives next and from then on; and how often it was asked.
    Result<std::vector<std::string>> models_result;
    std::size_t models_asked = 0;

    std::string describe() const override { return identity_.name; }
    Task<Result<std::unique_ptr<ReplyStream>>> open(const ChatRequest& request, Call& call) override;
    const Identity& identity() const noexcept override { return identity_; }
    Task<Result<std::vector<std::string>>> models(Instant deadline) override;

private:
    friend class ScriptedStream;
    Env env_;
    Identity identity_;
    Script standing_;
    std::deque<Script> queued_;
    std::function<Script(const std::string&)> continuing_;
    std::vector<Asked> asked_;
    std::size_t running_ = 0;
};

/// Reads the rest of `stream`: its visible text, or the error it ended in.
struct Drained {
    std::string text;
    std::string reasoning;
    std::string wire;
    std::optional<FinishReason> finish;
    std::optional<Usage> usage;
    std::optional<Error> error;
    std::size_t batches = 0;
};
Task<Drained> drain(ReplyStream& stream);

/// Opens and drains; an error of open() stands in `error`.
Task<Drained> ask(Provider& provider, const ChatRequest& request, Call& call);

/// A request with one question.
ChatRequest question(std::string text);

}  // namespace evenkeel::testing

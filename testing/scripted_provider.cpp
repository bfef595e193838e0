#include "testing/scripted_provider.hpp"

#include <utility>

#include "llm/running_attempt.hpp"

namespace evenkeel::testing {
namespace {

/// "one ", "two ", "three": what a tokenizer's stream looks like from afar.
std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    while (!text.empty()) {
        const std::size_t length = std::min(text.find(' '), text.size() - 1) + 1;
        words.emplace_back(text.substr(0, length));
        text.remove_prefix(length);
    }
    return words;
}

Script saying(std::string_view text, std::size_t words_max, Nanos first_after, Nanos gap) {
    Script script;
    const auto words = words_of(text);
    for (std::size_t i = 0; i < std::min(words.size(), words_max); ++i)
        script.wait(i == 0 ? first_after : gap).content(words[i]);
    return script;
}

}  // namespace

Script& Script::add(Step step) {
    steps_.push_back(std::move(step));
    return *this;
}
Script& Script::wait(Nanos duration) { return add({.kind = Step::Kind::wait, .duration = duration}); }
Script& Script::hang() { return add({.kind = Step::Kind::hang}); }
Script& Script::loading() { return add({.kind = Step::Kind::loading}); }
Script& Script::reasoning(std::string text) { return add({.kind = Step::Kind::reasoning, .text = std::move(text)}); }
Script& Script::content(std::string text) { return add({.kind = Step::Kind::content, .text = std::move(text)}); }
Script& Script::tool_call(std::string json) { return add({.kind = Step::Kind::tool_call, .text = std::move(json)}); }
Script& Script::usage(std::int64_t input, std::int64_t output) {
    return add({.kind = Step::Kind::usage, .tokens = Usage{.input = input, .output = output}});
}
Script& Script::model(std::string name) { return add({.kind = Step::Kind::model, .text = std::move(name)}); }
Script& Script::finish(FinishReason reason) { return add({.kind = Step::Kind::finish, .reason = reason}); }
Script& Script::fail(Error error) { return add({.kind = Step::Kind::fail, .error = std::move(error)}); }

Script answering(std::string_view text, Nanos first_after, Nanos gap) {
    const auto words = words_of(text).size();
    return saying(text, words, first_after, gap).usage(10, static_cast<std::int64_t>(words)).finish();
}
Script cutting(std::string_view text, std::size_t words, Nanos first_after, Nanos gap) {
    return saying(text, words, first_after, gap).wait(gap);
}
Script stalling(std::string_view text, std::size_t words, Nanos first_after, Nanos gap) {
    return saying(text, words, first_after, gap).hang();
}
Script failing(ErrorClass cls, std::optional<Millis> retry_after, std::string code, Nanos after) {
    Error error = provider_fault(cls, Scope::provider, "scripted failure", std::move(code)).error();
    error.retry_after = retry_after;
    return Script().wait(after).fail(std::move(error));
}
Script silent() { return Script().hang(); }

/// One call being worked on. open() drives it to the first content, next() from there on.
class ScriptedStream final : public ReplyStream {
public:
    ScriptedStream(ScriptedProvider& provider, Script script, const ChatRequest& request, Call& call)
        : provider_(provider),
          script_(std::move(script)),
          whole_(!request.stream),
          attempt_(provider.env_, call, provider.identity_.name,
                   request.model.empty() ? provider.identity_.model : request.model),
          never_(provider.env_.scheduler) {
        ++provider_.running_;
    }
    ~ScriptedStream() override { --provider_.running_; }

    /// Runs the script until the first content is in hand.
    Task<Result<void>> start() {
        auto batch = co_await advance();
        if (!batch) co_return fail(batch.error());
        first_ = *batch;
        co_return Result<void>{};
    }

    Task<Result<Batch>> next() override {
        if (first_) co_return *std::exchange(first_, std::nullopt);
        co_return co_await advance();
    }
    std::size_t attempt() const noexcept override { return attempt_.index(); }

private:
    using Kind = Script::Step::Kind;

    Task<Result<Batch>> advance() {
        std::size_t begin = at_;
        wire_.clear();
        while (at_ < script_.steps_.size()) {
            const auto& step = script_.steps_[at_];
            // A wait is where one receive ends, once there is something to hand over.
            if (step.kind == Kind::wait || step.kind == Kind::hang || step.kind == Kind::fail) {
                if (!whole_ && attempt_.has_content() && has_events(begin)) co_return batch_of(begin);
            }
            ++at_;
            if (step.kind == Kind::fail) co_return attempt_.failed(step.error);
            if (step.kind == Kind::wait) co_await sleep_for(provider_.env_.scheduler, step.duration);
            if (step.kind == Kind::hang) co_await never_.wait();
            apply(step);
        }
        if (finish_) {
            attempt_.answered();
            co_return batch_of(begin);
        }
        if (!whole_ && has_events(begin)) co_return batch_of(begin);
        co_return attempt_.failed(
            provider_fault(ErrorClass::transient, Scope::provider, "the answer was cut", "cut").error());
    }

    void apply(const Script::Step& step) {
        switch (step.kind) {
            case Kind::loading: attempt_.saw_loading(); break;
            case Kind::reasoning: attempt_.saw_reasoning(); break;
            case Kind::content:
            case Kind::tool_call: attempt_.saw_content(); break;
            case Kind::usage: attempt_.record().usage = step.tokens; break;
            case Kind::model: attempt_.record().model = step.text; break;
            case Kind::finish: finish_ = step.reason; break;
            default: break;
        }
    }

    static std::optional<ReplyEvent> event_of(const Script::Step& step) {
        using Event = ReplyEvent::Kind;
        switch (step.kind) {
            case Kind::content: return ReplyEvent{.kind = Event::content, .text = step.text};
            case Kind::reasoning: return ReplyEvent{.kind = Event::reasoning, .text = step.text};
            case Kind::tool_call: return ReplyEvent{.kind = Event::tool_call, .text = step.text};
            case Kind::usage: return ReplyEvent{.kind = Event::usage, .usage = step.tokens};
            case Kind::finish: return ReplyEvent{.kind = Event::finish, .finish = step.reason};
            default: return std::nullopt;
        }
    }

    bool has_events(std::size_t begin) const {
        for (std::size_t i = begin; i < at_; ++i)
            if (event_of(script_.steps_[i])) return true;
        return false;
    }

    Batch batch_of(std::size_t begin) {
        events_.clear();
        for (std::size_t i = begin; i < at_; ++i)
            if (const auto event = event_of(script_.steps_[i])) {
                events_.push_back(*event);
                wire_ += event->text;
            }
        return Batch{.wire = wire_, .events = events_, .end = at_ == script_.steps_.size() && finish_.has_value()};
    }

    ScriptedProvider& provider_;
    Script script_;
    bool whole_;
    RunningAttempt attempt_;
    Event never_;
    std::size_t at_ = 0;
    std::optional<Batch> first_;
    std::optional<FinishReason> finish_;
    std::vector<ReplyEvent> events_;
    std::string wire_;
};

ScriptedProvider::ScriptedProvider(Env env, std::string name, bool local)
    : models_result(std::vector<std::string>{name + "-model"}),
      env_(env),
      identity_{.name = name, .kind = local ? "ollama" : "openai", .model = name + "-model", .local = local},
      standing_(answering("Fine.")) {}

ScriptedProvider& ScriptedProvider::always(Script script) {
    standing_ = std::move(script);
    return *this;
}

ScriptedProvider& ScriptedProvider::continuing(std::function<Script(const std::string&)> script) {
    continuing_ = std::move(script);
    return *this;
}

ScriptedProvider& ScriptedProvider::then(Script script) {
    queued_.push_back(std::move(script));
    return *this;
}

Task<Result<std::unique_ptr<ReplyStream>>> ScriptedProvider::open(const ChatRequest& request, Call& call) {
    asked_.push_back({.at = env_.now(),
                      .turns = request.turns,
                      .model = request.model,
                      .stream = request.stream,
                      .probe = call.probe,
                      .local_only = call.local_only});
    Script script = standing_;
    if (continuing_ && !request.turns.empty() && request.turns.back().role == Role::assistant) {
        script = continuing_(request.turns.back().text);
    } else if (!queued_.empty()) {
        script = std::move(queued_.front());
        queued_.pop_front();
    }
    auto stream = std::make_unique<ScriptedStream>(*this, std::move(script), request, call);
    if (auto started = co_await stream->start(); !started) co_return fail(std::move(started.error()));
    co_return stream;
}

Task<Result<std::vector<std::string>>> ScriptedProvider::models(Instant) {
    ++models_asked;
    co_return models_result;
}

Task<Drained> drain(ReplyStream& stream) {
    Drained all;
    for (bool end = false; !end;) {
        auto batch = co_await stream.next();
        if (!batch) {
            all.error = std::move(batch.error());
            co_return all;
        }
        ++all.batches;
        all.wire += batch->wire;
        for (const ReplyEvent& event : batch->events) {
            if (event.kind == ReplyEvent::Kind::content) all.text += event.text;
            if (event.kind == ReplyEvent::Kind::reasoning) all.reasoning += event.text;
            if (event.kind == ReplyEvent::Kind::usage) all.usage = event.usage;
            if (event.kind == ReplyEvent::Kind::finish) all.finish = event.finish;
        }
        end = batch->end;
    }
    co_return all;
}

Task<Drained> ask(Provider& provider, const ChatRequest& request, Call& call) {
    auto stream = co_await provider.open(request, call);
    if (!stream) {
        Drained none;
        none.error = std::move(stream.error());
        co_return none;
    }
    co_return co_await drain(**stream);
}

ChatRequest question(std::string text) {
    ChatRequest request;
    request.turns.push_back({.role = Role::user, .text = std::move(text)});
    return request;
}

}  // namespace evenkeel::testing

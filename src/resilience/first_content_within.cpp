#include "resilience/first_content_within.hpp"

#include "core/text.hpp"
#include "resilience/lazy_timer.hpp"

namespace evenkeel {
namespace {

/// A time, and what it means when it comes.
struct Due {
    Instant when;
    std::string_view code;
    std::string_view what;
    Millis limit{0};
};

Due sooner_of(const Due& a, const Due& b) { return b.when < a.when ? b : a; }

Due caller_deadline(const Call& call) { return {call.deadline, "deadline", "the call's own time ended"}; }

Error silence(const Due& due) {
    if (due.code == "deadline") {
        Error error{.cls = ErrorClass::silent, .origin = Origin::caller, .scope = Scope::request};
        error.code = due.code;
        error.detail = due.what;
        return error;
    }
    return provider_fault(ErrorClass::silent, Scope::provider,
                          std::string(due.what) + " within " + spoken_duration(due.limit), std::string(due.code))
        .error();
}

/// The adapter closed its record as cancelled when it was destroyed; but it was the provider that failed.
void record(Call& call, std::size_t from, Attempt::Outcome outcome, const Error& error) {
    for (std::size_t i = from; i < call.attempts.size(); ++i) {
        Attempt& attempt = call.attempts[i];
        if (attempt.outcome != Attempt::Outcome::running && attempt.outcome != Attempt::Outcome::cancelled) continue;
        attempt.outcome = outcome;
        attempt.error = error;
    }
}

class TimedStream final : public ReplyStream {
public:
    TimedStream(std::unique_ptr<ReplyStream> inner, const ContentLimits& limits, Instant began, Call& call,
                Scheduler& scheduler, std::optional<Instant>& answered_at)
        : limits_(limits),
          began_(began),
          call_(call),
          scheduler_(scheduler),
          answered_at_(answered_at),
          timer_(scheduler),
          inner_(std::move(inner)) {}

    Task<Result<Batch>> next() override {
        const Instant asked = scheduler_.now();
        const Due due = next_due(asked);
        {
            WatchedTask<Result<Batch>> batch(timer_, inner_->next());
            if (co_await batch.ended_by(due.when)) co_return learn(batch.take(), asked);
        }
        const std::size_t attempt = inner_->attempt();
        inner_.reset();
        Error error = silence(due);
        // Only this try's own record: later ones belong to others.
        if (attempt < call_.attempts.size()) {
            call_.attempts[attempt].outcome = Attempt::Outcome::cut;
            call_.attempts[attempt].error = error;
        }
        attempt_ = attempt;
        co_return fail(std::move(error));
    }
    std::size_t attempt() const noexcept override { return inner_ ? inner_->attempt() : attempt_; }

private:
    Due next_due(Instant asked) const {
        const Due idle{asked + (limits_.idle - quiet_), "idle_timeout", "the reply stood still: nothing came",
                       limits_.idle};
        const Due total{began_ + limits_.total, "total_timeout", "the reply did not end", limits_.total};
        return sooner_of(sooner_of(idle, total), caller_deadline(call_));
    }
    Result<Batch> learn(Result<Batch> batch, Instant asked) {
        if (!batch) return batch;
        if (batch->end) answered_at_ = scheduler_.now();
        quiet_ = batch->events.empty() ? quiet_ + (scheduler_.now() - asked) : Nanos{0};
        return batch;
    }
    const ContentLimits& limits_;
    Instant began_;
    Call& call_;
    Scheduler& scheduler_;
    std::optional<Instant>& answered_at_;
    /// Waited for this long since the last event: a slow reader's own time does not count against the provider.
    Nanos quiet_{0};
    std::size_t attempt_ = 0;
    LazyTimer timer_;
    std::unique_ptr<ReplyStream> inner_;
};

class FirstContentWithin final : public Provider {
public:
    FirstContentWithin(ProviderPtr inner, ContentLimits limits, Env env)
        : inner_(std::move(inner)), limits_(limits), env_(env) {}
    std::string describe() const override { return "first_content_within(" + inner_->describe() + ")"; }

    Task<Result<std::unique_ptr<ReplyStream>>> open(const ChatRequest& request, Call& call) override {
        const Instant began = env_.now();
        const std::size_t first_record = call.attempts.size();
        call.reasoning_since.reset();
        LazyTimer timer(env_.scheduler);
        const Millis first_content = first_content_limit();
        Due due = content_due(request, call, began, first_content);
        {
            WatchedTask<Result<std::unique_ptr<ReplyStream>>> opening(timer, inner_->open(request, call));
            bool ended = co_await opening.ended_by(due.when);
            while (!ended) {
                due = content_due(request, call, began, first_content);  // It may have begun to reason meanwhile.
                if (due.when <= env_.now()) break;
                ended = co_await opening.ended_by(due.when);
            }
            if (ended) {
                auto opened = opening.take();
                if (!opened) co_return opened;
                co_return std::make_unique<TimedStream>(std::move(*opened), limits_, began, call, env_.scheduler,
                                                        answered_at_);
            }
        }
        Error error = silence(due);
        record(call, first_record, Attempt::Outcome::failed, error);
        co_return fail(std::move(error));
    }

private:
    Due content_due(const ChatRequest& request, const Call& call, Instant began, Millis first_content) const {
        Due due{began + first_content, "first_content_timeout", "nothing to read came", first_content};
        if (call.reasoning_since)
            due = {*call.reasoning_since + limits_.reasoning, "first_content_timeout",
                   "it thought and brought nothing to read", limits_.reasoning};
        if (!request.stream) due = {began + limits_.answer, "answer_timeout", "no answer came", limits_.answer};
        const Due total{began + limits_.total, "total_timeout", "the reply did not end", limits_.total};
        return sooner_of(sooner_of(due, total), caller_deadline(call));
    }
    Millis first_content_limit() const {
        const bool warm = answered_at_ && env_.now() - *answered_at_ <= limits_.stays_warm;
        return warm ? limits_.first_content_warm.value_or(limits_.first_content) : limits_.first_content;
    }
    ProviderPtr inner_;
    ContentLimits limits_;
    Env env_;
    std::optional<Instant> answered_at_;
};

}  // namespace

ProviderPtr first_content_within(ProviderPtr inner, ContentLimits limits, Env env) {
    return std::make_shared<FirstContentWithin>(std::move(inner), limits, env);
}

}  // namespace evenkeel

#include "resilience/first_content_within.hpp"

#include <algorithm>
#include <utility>

#include "core/pool.hpp"
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

class TimedStream final : public ReplyStream, public Pooled {
public:
    TimedStream(std::unique_ptr<ReplyStream> inner, const ContentLimits& limits, Instant began, Call& call,
                Scheduler& scheduler, LaneLearning& learning)
        : limits_(limits),
          began_(began),
          call_(call),
          scheduler_(scheduler),
          learning_(learning),
          timer_(scheduler),
          inner_(std::move(inner)) {}

    Task<Result<Batch>> next() override {
        const Instant asked = scheduler_.now();
        const Due due = next_due(asked);
        {
            WatchedTask<Result<Batch>> batch(timer_, inner_->next());
            if (co_await batch.ended_by(due.when)) {
                auto got = learn(batch.take(), asked);
                if (!drips_) co_return got;
            }
        }
        const std::size_t attempt = inner_->attempt();
        inner_.reset();
        Error error = silence(drips_ ? drip() : due);
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
        if (batch->end) learning_.answered_at = scheduler_.now();
        if (limits_.tokens_per_s_min > 0 && !batch->end) drips_ = is_too_slow(*batch, scheduler_.now() - asked);
        quiet_ = batch->events.empty() ? quiet_ + (scheduler_.now() - asked) : Nanos{0};
        return batch;
    }
    Due drip() const {
        return {scheduler_.now(), "too_slow", "the reply only dripped: too little of it came", limits_.slow_for};
    }
    /// Only the time in which somebody waited counts, and each stretch of it is judged once.
    bool is_too_slow(const Batch& batch, Nanos waited) {
        constexpr double bytes_per_token = 4;
        for (const ReplyEvent& event : batch.events) heard_ += event.text.size();
        waited_ += waited;
        if (waited_ < limits_.slow_for) return false;
        const double least =
            limits_.tokens_per_s_min * bytes_per_token * std::chrono::duration<double>(waited_).count();
        const bool slow = static_cast<double>(std::exchange(heard_, 0)) < least;
        waited_ = Nanos{0};
        return slow;
    }
    const ContentLimits& limits_;
    Instant began_;
    Call& call_;
    Scheduler& scheduler_;
    LaneLearning& learning_;
    std::size_t heard_ = 0;
    Nanos waited_{0};
    bool drips_ = false;
    /// Waited for this long since the last event: a slow reader's own time does not count against the provider.
    Nanos quiet_{0};
    std::size_t attempt_ = 0;
    LazyTimer timer_;
    std::unique_ptr<ReplyStream> inner_;
};

class FirstContentWithin final : public Provider {
public:
    FirstContentWithin(ProviderPtr inner, ContentLimits limits, Env env, std::shared_ptr<LaneLearning> learning)
        : inner_(std::move(inner)), limits_(limits), env_(env), learning_(std::move(learning)) {}
    std::string describe() const override { return "first_content_within(" + inner_->describe() + ")"; }

    Task<Result<std::unique_ptr<ReplyStream>>> open(const ChatRequest& request, Call& call) override {
        const Instant began = env_.now();
        const std::size_t first_record = call.attempts.size();
        call.reasoning_since.reset();
        LazyTimer timer(env_.scheduler);
        const Millis first_content = first_content_limit(request);
        Due due = content_due(request, call, began, first_content);
        {
            WatchedTask<Result<std::unique_ptr<ReplyStream>>> opening(timer, inner_->open(request, call));
            const Instant usual = learning_->slow != nullptr && request.stream ? began + usual_time() : forever;
            bool ended = co_await opening.ended_by(sooner(due.when, usual));
            if (!ended && env_.now() >= usual && usual < due.when) {
                learning_->slow->pulse();
                ended = co_await opening.ended_by(due.when);
            }
            while (!ended) {
                due = content_due(request, call, began, first_content);  // It may have begun to reason meanwhile.
                if (due.when <= env_.now()) break;
                ended = co_await opening.ended_by(due.when);
            }
            if (ended) {
                auto opened = opening.take();
                if (!opened) co_return opened;
                if (request.stream && !call.probe) learn(request, call.reasoning_since.value_or(env_.now()) - began);
                co_return std::make_unique<TimedStream>(std::move(*opened), limits_, began, call, env_.scheduler,
                                                        *learning_);
            }
        }
        // It would have taken longer still; so a limit that became too short grows again.
        if (request.stream && !call.probe && due.code == "first_content_timeout" && !call.reasoning_since)
            learn(request, due.limit);
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
    void learn(const ChatRequest& request, Nanos took) {
        learning_->times.add(std::chrono::ceil<Millis>(took), input_bytes(request));
    }
    /// What is longer is worth preparing for.
    Millis usual_time() const {
        constexpr Millis least{2'000};
        return std::max(least, learning_->times.p95().value_or(Millis{0}));
    }
    Millis first_content_limit(const ChatRequest& request) const {
        const auto& answered_at = learning_->answered_at;
        const bool warm = answered_at && env_.now() - *answered_at <= limits_.stays_warm;
        if (!warm && limits_.first_content_warm) return limits_.first_content;
        const Millis most = warm ? limits_.first_content_warm.value_or(limits_.first_content) : limits_.first_content;
        const auto p95 = learning_->times.p95();
        if (!limits_.first_content_floor || !p95 || !learning_->times.know(input_bytes(request))) return most;
        constexpr int times_p95 = 3;
        return std::min(most, std::max(*limits_.first_content_floor, times_p95 * *p95));
    }
    ProviderPtr inner_;
    ContentLimits limits_;
    Env env_;
    std::shared_ptr<LaneLearning> learning_;
};

}  // namespace

ProviderPtr first_content_within(ProviderPtr inner, ContentLimits limits, Env env,
                                 std::shared_ptr<LaneLearning> learning) {
    return std::make_shared<FirstContentWithin>(std::move(inner), limits, env, std::move(learning));
}

std::size_t input_bytes(const ChatRequest& request) noexcept {
    if (request.body != nullptr) return request.body->json.size();
    std::size_t sum = 0;
    for (const Turn& turn : request.turns) sum += turn.text.size();
    return sum;
}

}  // namespace evenkeel

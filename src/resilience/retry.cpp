#include "resilience/retry.hpp"

#include <algorithm>

#include "core/async.hpp"

namespace evenkeel {
namespace {

using namespace std::chrono_literals;

constexpr Nanos repeat_wait_max = 200ms;
constexpr Nanos repeat_wait_min = 50ms;
constexpr Nanos stated_wait_max = 3s;
/// What the breaker may add to a stated time so that not all come back in the same instant.
constexpr Nanos stated_wait_slack = 150ms;

class Retry final : public Provider {
public:
    Retry(ProviderPtr inner, std::shared_ptr<const Breaker> gate, std::shared_ptr<Budget> budget, Env env)
        : inner_(std::move(inner)), gate_(std::move(gate)), budget_(std::move(budget)), env_(env) {}
    std::string describe() const override { return "retry(" + inner_->describe() + ")"; }

    Task<Result<std::unique_ptr<ReplyStream>>> open(const ChatRequest& request, Call& call) override {
        if (!call.probe) budget_->note_call(env_.now());
        auto opened = co_await inner_->open(request, call);
        if (opened) co_return opened;
        const auto again_at = repeat_at(opened.error(), call);
        if (!again_at) co_return opened;
        co_await sleep_until(env_.scheduler, *again_at);
        auto repeated = co_await inner_->open(request, call);
        // Turned away at the gate after all: what the provider itself said is the better answer.
        if (!repeated && is_lane_closed(repeated.error())) co_return opened;
        co_return repeated;
    }

private:
    std::optional<Instant> repeat_at(const Error& error, const Call& call) {
        if (call.others_left || call.probe || error.origin != Origin::provider) return std::nullopt;
        if (tries_made(call) >= call.attempts_max) return std::nullopt;
        const Instant now = env_.now();
        Instant when = now;
        Instant latest = now;
        if (error.cls == ErrorClass::transient || error.cls == ErrorClass::bad_answer) {
            latest = now + repeat_wait_max;
            when = now + repeat_wait_min +
                   Nanos{static_cast<Nanos::rep>(env_.random.unit() *
                                                 static_cast<double>((repeat_wait_max - repeat_wait_min).count()))};
        } else if (error.cls == ErrorClass::overload && error.retry_after && *error.retry_after <= stated_wait_max) {
            latest = now + stated_wait_max + stated_wait_slack;
            when = now + *error.retry_after;
        } else {
            return std::nullopt;
        }
        when = std::max(when, gate_->next_try());
        if (when > latest || when >= call.deadline || !budget_->take(now)) return std::nullopt;
        return when;
    }
    ProviderPtr inner_;
    std::shared_ptr<const Breaker> gate_;
    std::shared_ptr<Budget> budget_;
    Env env_;
};

}  // namespace

std::size_t tries_made(const Call& call) noexcept {
    return static_cast<std::size_t>(std::ranges::count_if(call.attempts, [&](const Attempt& attempt) {
        return attempt.outcome != Attempt::Outcome::skipped && attempt.probe == call.probe;
    }));
}

ProviderPtr retry(ProviderPtr inner, std::shared_ptr<const Breaker> gate, std::shared_ptr<Budget> budget, Env env) {
    return std::make_shared<Retry>(std::move(inner), std::move(gate), std::move(budget), env);
}

}  // namespace evenkeel

#include "resilience/breaker.hpp"

#include "core/pool.hpp"
#include "core/text.hpp"

namespace evenkeel {

using Permit = BreakerMachine::Permit;

bool is_lane_closed(const Error& error) noexcept {
    return error.origin == Origin::self && error.code == lane_closed_code;
}

Breaker::Breaker(Env env, Upstream::Identity who, BreakerOptions options, Event& changed)
    : env_(env), who_(std::move(who)), machine_(options), changed_(changed) {}

bool Breaker::may_try_now() const noexcept { return !machine_.refuses({.probe = true}, env_.now()); }

Error Breaker::refusal() const {
    const BreakerState& state = machine_.state();
    Error error{.cls = ErrorClass::transient, .origin = Origin::self, .scope = Scope::provider};
    error.code = lane_closed_code;
    if (!state.why) {
        error.detail = "it was ill a moment ago and takes its traffic back step by step";
        return error;
    }
    error.cls = state.stated ? ErrorClass::overload : state.why->cls;
    error.http_status = state.why->http_status;
    if (state.next_probe > env_.now()) error.retry_after = std::chrono::ceil<Millis>(state.next_probe - env_.now());
    error.detail = in_words(*state.why) + " (" + spoken_duration(elapsed(state.since, env_.now())) +
                   (state.stated ? " ago; it wished to be left alone)" : " ago)");
    return error;
}

std::optional<Permit> Breaker::try_pass(const Call& call) {
    const BreakerPhase before = machine_.state().phase;
    auto permit =
        machine_.try_pass({.probe = call.probe, .others_left = call.others_left}, env_.now(), env_.random.unit());
    ++(permit ? counts_.calls : counts_.refused);
    if (permit && permit->probe) ++counts_.probes;
    announce(before);
    return permit;
}

void Breaker::first_content(Permit& permit) {
    const BreakerPhase before = machine_.state().phase;
    machine_.first_content(permit, env_.now(), env_.random.unit());
    announce(before);
}

void Breaker::whole(Permit& permit) {
    const BreakerPhase before = machine_.state().phase;
    ++counts_.answered;
    machine_.whole(permit, env_.now(), env_.random.unit());
    announce(before);
}

void Breaker::failed(Permit& permit, const Error& error) {
    const BreakerPhase before = machine_.state().phase;
    if (error.origin == Origin::provider) ++counts_.failed;
    machine_.failed(permit, error, env_.now(), env_.random.unit());
    announce(before);
}

void Breaker::abandoned(Permit& permit) {
    const BreakerPhase before = machine_.state().phase;
    machine_.abandoned(permit, env_.now());
    announce(before);
}

void Breaker::checked(std::optional<bool> good) { machine_.checked(good, env_.now()); }

void Breaker::network_is_back() noexcept { machine_.network_is_back(env_.now()); }

void Breaker::restore(BreakerState state) {
    const BreakerPhase before = machine_.state().phase;
    machine_.restore(std::move(state));
    if (machine_.state().phase != before) changed_.pulse();
}

void Breaker::announce(BreakerPhase before) {
    const BreakerState& state = machine_.state();
    if (state.phase == before) return;
    if (before == BreakerPhase::closed) {
        ++counts_.opened;
        const bool operator_needed = state.why->cls == ErrorClass::account || state.why->cls == ErrorClass::model_gone;
        env_.notes.note({.severity = operator_needed ? Severity::alarm : Severity::warning,
                         .name = "breaker.opened",
                         .subject = who_.name,
                         .detail = evenkeel::describe(*state.why)});
    } else if (state.phase == BreakerPhase::closed) {
        env_.notes.note({.name = "breaker.closed", .subject = who_.name, .detail = "it answers again"});
    }
    changed_.pulse();
}

namespace {

/// Answers its permit exactly once, whatever happens to the call.
class Watched {
public:
    Watched(std::shared_ptr<Breaker> gate, Permit permit) : gate_(std::move(gate)), permit_(permit) {}
    Watched(Watched&& other) noexcept = default;
    Watched& operator=(Watched&&) = delete;
    ~Watched() {
        if (gate_) gate_->abandoned(permit_);
    }
    void first_content() { gate_->first_content(permit_); }
    void whole() { std::exchange(gate_, nullptr)->whole(permit_); }
    void failed(const Error& error) { std::exchange(gate_, nullptr)->failed(permit_, error); }

private:
    std::shared_ptr<Breaker> gate_;
    Permit permit_;
};

class WatchedStream final : public ReplyStream, public Pooled {
public:
    WatchedStream(std::unique_ptr<ReplyStream> inner, Watched watched)
        : watched_(std::move(watched)), inner_(std::move(inner)) {}
    Task<Result<Batch>> next() override {
        auto batch = co_await inner_->next();
        if (!batch)
            watched_.failed(batch.error());
        else if (batch->end)
            watched_.whole();
        co_return batch;
    }
    std::size_t attempt() const noexcept override { return inner_->attempt(); }

private:
    Watched watched_;
    std::unique_ptr<ReplyStream> inner_;
};

/// What still proves that a provider is well although a one-token probe could not bring content: it began to reason, or
/// it ended in order before a visible word.
bool proves_life(const Error& error, const ChatRequest& request, const Call& call) {
    if (!call.probe || request.max_tokens > 1 || error.cls != ErrorClass::bad_answer) return false;
    return call.reasoning_since.has_value() || error.code == "empty_answer";
}

class BreakerLayer final : public Provider {
public:
    BreakerLayer(ProviderPtr inner, std::shared_ptr<Breaker> gate) : inner_(std::move(inner)), gate_(std::move(gate)) {}
    std::string describe() const override { return "breaker(" + inner_->describe() + ")"; }

    Task<Result<std::unique_ptr<ReplyStream>>> open(const ChatRequest& request, Call& call) override {
        const auto permit = gate_->try_pass(call);
        if (!permit) co_return refuse(call);
        Watched watched(gate_, *permit);
        auto opened = co_await inner_->open(request, call);
        if (opened) {
            watched.first_content();
            co_return std::make_unique<WatchedStream>(std::move(*opened), std::move(watched));
        }
        if (proves_life(opened.error(), request, call))
            watched.whole();
        else if (!only_named_model_is_gone(opened.error(), request))
            watched.failed(opened.error());
        co_return opened;
    }

private:
    std::unexpected<Error> refuse(Call& call) const {
        Error error = gate_->refusal();
        call.attempts.push_back({.provider = gate_->identity().name,
                                 .model = gate_->identity().model,
                                 .outcome = Attempt::Outcome::skipped,
                                 .error = error});
        return fail(std::move(error));
    }
    /// The breaker watches the lane's own model; that another, which a caller named, is missing says nothing about it.
    bool only_named_model_is_gone(const Error& error, const ChatRequest& request) const {
        return error.cls == ErrorClass::model_gone && !request.model.empty() &&
               request.model != gate_->identity().model;
    }
    ProviderPtr inner_;
    std::shared_ptr<Breaker> gate_;
};

}  // namespace

ProviderPtr breaker(ProviderPtr inner, std::shared_ptr<Breaker> gate) {
    return std::make_shared<BreakerLayer>(std::move(inner), std::move(gate));
}

}  // namespace evenkeel

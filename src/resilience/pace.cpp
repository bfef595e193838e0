#include "resilience/pace.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace evenkeel {
namespace {

using Opened = Result<std::unique_ptr<ReplyStream>>;

double seconds(Nanos duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

PaceMachine::PaceMachine(PaceLimits limits) noexcept
    : limits_(limits),
      capacity_(std::max(1.0, limits.calls_per_s * burst_s)),
      tokens_(capacity_),
      limit_(static_cast<double>(limits.concurrent_max)) {}

std::uint32_t PaceMachine::limit() const noexcept { return static_cast<std::uint32_t>(limit_); }

bool PaceMachine::has_slot() const noexcept { return limits_.concurrent_max == 0 || running_ < limit(); }

double PaceMachine::tokens(Instant now) const noexcept {
    if (counted_ == Instant::min()) return tokens_;
    return std::min(capacity_, tokens_ + seconds(now - counted_) * limits_.calls_per_s);
}

Instant PaceMachine::token_at(Instant now) const noexcept {
    if (limits_.calls_per_s <= 0) return now;
    const double missing = 1.0 - tokens(now);
    if (missing <= 0) return now;
    return now + std::chrono::ceil<Millis>(std::chrono::duration<double>(missing / limits_.calls_per_s));
}

void PaceMachine::take(Instant now) noexcept {
    ++running_;
    if (limits_.calls_per_s <= 0) return;
    tokens_ = tokens(now) - 1.0;
    counted_ = now;
}

void PaceMachine::went_well() noexcept {
    // A limit that nobody comes near proves nothing.
    if (limits_.adapts && 2.0 * running_ >= limit_)
        limit_ = std::min(static_cast<double>(limits_.concurrent_max), limit_ + 1.0 / limit_);
}

void PaceMachine::went_badly(Instant now) noexcept {
    if (!limits_.adapts || limits_.concurrent_max == 0) return;
    if (shrunk_ != Instant::min() && now - shrunk_ < shrink_every) return;
    shrunk_ = now;
    const double most = static_cast<double>(limits_.concurrent_max);
    limit_ = std::max(std::min(most, static_cast<double>(least)),
                      std::min(limit_, static_cast<double>(running_)) * shrink_to);
}

/// One call in the line. It steps out when it is destroyed, whether its turn came or not.
class Pace::Waiter {
public:
    explicit Waiter(Pace& pace) : turn(pace.env_.scheduler), pace_(pace) {
        place_ = pace.waiting_.insert(pace.waiting_.end(), this);
    }
    ~Waiter() {
        pace_.waiting_.erase(place_);
        pace_.wake_first();
    }
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;
    bool is_first() const noexcept { return pace_.waiting_.front() == this; }
    Event turn;

private:
    Pace& pace_;
    std::list<Waiter*>::iterator place_;
};

namespace {

std::unexpected<Error> no_slot() {
    Error error{.cls = ErrorClass::overload, .origin = Origin::self, .scope = Scope::provider};
    error.code = no_slot_code;
    error.detail = "it has as much to do as it may be given at a time";
    error.retry_after = Millis{1'000};
    return fail(std::move(error));
}

}  // namespace

bool Pace::take_now() noexcept {
    const Instant now = env_.now();
    if (!machine_.has_slot() || machine_.token_at(now) > now) return false;
    machine_.take(now);
    return true;
}

Task<Result<void>> Pace::admit(const Call& call) {
    if (waiting_.empty() && take_now()) co_return Result<void>{};
    const Millis for_token = machine_.has_slot() ? token_wait : Millis{0};
    const Millis for_slot = call.others_left ? Millis{0} : call.slot_wait;
    const Instant limit = sooner(call.deadline, env_.now() + std::max(for_token, for_slot));
    if (waiting_.size() >= waiting_max) co_return no_slot();
    Waiter me(*this);
    for (;;) {
        if (me.is_first() && take_now()) co_return Result<void>{};
        const Instant now = env_.now();
        if (now >= limit) co_return no_slot();
        if (me.is_first() && machine_.has_slot()) {
            co_await sleep_until(env_.scheduler, sooner(limit, machine_.token_at(now)));
        } else {
            me.turn.clear();
            co_await until(env_.scheduler, limit, detail::set_of(me.turn));
        }
    }
}

void Pace::give_back() noexcept {
    machine_.give_back();
    wake_first();
}

void Pace::wake_first() noexcept {
    if (!waiting_.empty() && machine_.has_slot()) waiting_.front()->turn.set();
}

void Pace::learn(const Error* error) noexcept {
    if (error == nullptr) return machine_.went_well();
    const bool bad = error->cls == ErrorClass::overload || error->cls == ErrorClass::silent;
    if (bad && error->origin == Origin::provider) machine_.went_badly(env_.now());
}

namespace {

/// A slot, until it is destroyed.
class Slot {
public:
    explicit Slot(std::shared_ptr<Pace> pace) noexcept : pace_(std::move(pace)) {}
    Slot(Slot&&) noexcept = default;
    Slot& operator=(Slot&&) = delete;
    ~Slot() {
        if (pace_) pace_->give_back();
    }

private:
    std::shared_ptr<Pace> pace_;
};

class PacedStream final : public ReplyStream {
public:
    PacedStream(Slot slot, std::unique_ptr<ReplyStream> inner) : slot_(std::move(slot)), inner_(std::move(inner)) {}
    Task<Result<Batch>> next() override { return inner_->next(); }
    std::size_t attempt() const noexcept override { return inner_->attempt(); }

private:
    Slot slot_;
    std::unique_ptr<ReplyStream> inner_;
};

class Paced final : public Provider {
public:
    Paced(ProviderPtr inner, std::shared_ptr<Pace> pace) : inner_(std::move(inner)), pace_(std::move(pace)) {}
    std::string describe() const override { return "paced(" + inner_->describe() + ")"; }

    Task<Opened> open(const ChatRequest& request, Call& call) override {
        if (auto admitted = co_await pace_->admit(call); !admitted) co_return fail(std::move(admitted.error()));
        Slot slot(pace_);
        Opened opened = co_await inner_->open(request, call);
        pace_->learn(opened ? nullptr : &opened.error());
        if (!opened) co_return opened;
        co_return std::make_unique<PacedStream>(std::move(slot), std::move(*opened));
    }

private:
    ProviderPtr inner_;
    std::shared_ptr<Pace> pace_;
};

}  // namespace

ProviderPtr paced(ProviderPtr inner, std::shared_ptr<Pace> pace) {
    return std::make_shared<Paced>(std::move(inner), std::move(pace));
}

}  // namespace evenkeel

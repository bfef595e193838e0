#include "resilience/failover.hpp"

#include <algorithm>

#include "core/text.hpp"
#include "resilience/hedged.hpp"
#include "resilience/retry.hpp"

namespace evenkeel {
namespace {

using Opened = Result<std::unique_ptr<ReplyStream>>;

/// A stream together with the request it was opened with, where that is a copy of ours.
class OwningStream final : public ReplyStream {
public:
    OwningStream(std::unique_ptr<ChatRequest> request, std::unique_ptr<ReplyStream> inner)
        : request_(std::move(request)), inner_(std::move(inner)) {}
    Task<Result<Batch>> next() override { return inner_->next(); }
    std::size_t attempt() const noexcept override { return inner_->attempt(); }

private:
    std::unique_ptr<ChatRequest> request_;
    std::unique_ptr<ReplyStream> inner_;
};

enum class Next : std::uint8_t { go_on, larger_only, give_back };

Next after(const Error& error) {
    switch (error.cls) {
        case ErrorClass::request:
        case ErrorClass::policy:
        case ErrorClass::cancelled:
        case ErrorClass::storage: return Next::give_back;
        case ErrorClass::capacity: return Next::larger_only;
        case ErrorClass::transient:
        case ErrorClass::overload:
        case ErrorClass::silent:
        case ErrorClass::account:
        case ErrorClass::model_gone:
        case ErrorClass::bad_answer:
        case ErrorClass::internal: return Next::go_on;
    }
    return Next::give_back;
}

/// Which of several failures helps most: first what an operator can mend, then what says when to come back.
int usefulness(const Error& error) {
    if (error.origin == Origin::self) return 0;
    switch (error.cls) {
        case ErrorClass::account: return 6;
        case ErrorClass::model_gone: return 5;
        case ErrorClass::overload: return 4;
        case ErrorClass::silent: return 3;
        case ErrorClass::transient: return 2;
        case ErrorClass::capacity: return -1;  // Another lane has the room, later.
        default: return 1;
    }
}

struct Verdict {
    const Lane* lane;
    Error error;
};

class Failover final : public Provider {
public:
    Failover(std::vector<std::shared_ptr<Lane>> lanes, Env env, std::shared_ptr<Lane> hedge)
        : lanes_(std::move(lanes)), env_(env), hedge_(std::move(hedge)) {
        if (hedge_) hedged_ = std::make_unique<Hedged>(lanes_.front(), hedge_, env_);
    }
    std::string describe() const override;
    Task<Opened> open(const ChatRequest& request, Call& call) override;

private:
    std::vector<Lane*> candidates(Call& call) const;
    const Lane* owner_of(const std::string& model) const;
    std::string model_of(const Lane& lane, const ChatRequest& request) const;
    Task<Opened> ask(Lane& lane, const ChatRequest& request, Call& call) const;
    Error nobody_may() const;
    Error summary(const std::vector<Verdict>& verdicts) const;
    std::optional<Error> spent(const Call& call) const;

    /// The lane with its hedge, where it has one.
    Provider& tree_of(Lane& lane) const noexcept {
        return hedged_ && &lane == lanes_.front().get() ? *hedged_ : lane.tree();
    }

    std::vector<std::shared_ptr<Lane>> lanes_;
    Env env_;
    std::shared_ptr<Lane> hedge_;
    std::unique_ptr<Hedged> hedged_;
};

/// Of the records from `from` on, the one of a try at `lane`; null: it was not asked.
const Attempt* try_at(const Lane& lane, const Call& call, std::size_t from) {
    for (std::size_t i = from; i < call.attempts.size(); ++i) {
        const Attempt& attempt = call.attempts[i];
        if (attempt.provider == lane.identity().name && attempt.outcome != Attempt::Outcome::skipped) return &attempt;
    }
    return nullptr;
}

std::string Failover::describe() const {
    std::string text = "failover(";
    for (const auto& lane : lanes_) text += (lane == lanes_.front() ? "" : ", ") + tree_of(*lane).describe();
    return text + ")";
}

void skip(Call& call, const Lane& lane, std::string_view code, std::string_view why) {
    Error error{.cls = ErrorClass::policy, .origin = Origin::self, .scope = Scope::provider};
    error.code = code;
    error.detail = why;
    call.attempts.push_back({.provider = lane.identity().name,
                             .model = lane.identity().model,
                             .outcome = Attempt::Outcome::skipped,
                             .error = std::move(error)});
}

/// Who may be asked, in the order of the route; those that broke this very turn come last.
std::vector<Lane*> Failover::candidates(Call& call) const {
    std::vector<Lane*> order, last;
    for (const auto& lane : lanes_) {
        if (lane->is_passed_over(call)) continue;
        if (!lane->may_see(call)) {
            skip(call, *lane, "private", "a private conversation never leaves the machine");
        } else if (std::ranges::find(call.avoid, lane->identity().name) != call.avoid.end()) {
            skip(call, *lane, "broke_this_turn", "it already broke this answer off; asked only if no other is left");
            last.push_back(lane.get());
        } else {
            order.push_back(lane.get());
        }
    }
    order.insert(order.end(), last.begin(), last.end());
    return order;
}

std::optional<Error> Failover::spent(const Call& call) const {
    if (env_.now() >= call.deadline) {
        Error error{.cls = ErrorClass::silent, .origin = Origin::caller, .scope = Scope::request};
        error.code = "deadline";
        error.detail = "the call's own time ended";
        return error;
    }
    if (tries_made(call) >= call.attempts_max) {
        Error error{.cls = ErrorClass::transient, .origin = Origin::self, .scope = Scope::request};
        error.code = "attempts_spent";
        error.detail = "asked " + std::to_string(call.attempts_max) + " times, as often as allowed";
        return error;
    }
    return std::nullopt;
}

Task<Opened> Failover::open(const ChatRequest& request, Call& call) {
    std::vector<Lane*> order = candidates(call);
    if (order.empty()) co_return fail(nobody_may());
    std::vector<Verdict> verdicts;
    const std::size_t known = order.size();
    for (std::size_t i = 0; i < order.size(); ++i) {
        Lane& lane = *order[i];
        // Asked again at the end, with nobody left, only where its gate then lets the call in.
        if (i >= known && !lane.breaker().may_try_now()) continue;
        if (auto error = spent(call)) {
            verdicts.push_back({&lane, std::move(*error)});
            break;
        }
        call.others_left = std::any_of(order.begin() + static_cast<std::ptrdiff_t>(i) + 1, order.end(),
                                       [](const Lane* other) { return other->breaker().closed(); });
        if (call.continues && !co_await lane.prefill().works(model_of(lane, request), call)) {
            skip(call, lane, "no_prefill", "it does not go on from the beginning of an answer");
            continue;
        }
        const std::size_t records = call.attempts.size();
        Opened opened = co_await ask(lane, request, call);
        if (opened) co_return opened;
        Error error = std::move(opened.error());
        if (hedge_ && hedge_.get() != &lane) {
            if (const Attempt* const hedge = try_at(*hedge_, call, records)) {
                verdicts.push_back({hedge_.get(), hedge->error.value_or(error)});
                order.erase(std::remove(order.begin() + static_cast<std::ptrdiff_t>(i) + 1, order.end(), hedge_.get()),
                            order.end());
            }
        }
        if (is_lane_closed(error)) {
            if (i < known && call.others_left) order.push_back(&lane);
            verdicts.push_back({&lane, std::move(error)});
            continue;
        }
        if (error.origin == Origin::self && error.code == no_slot_code) skip(call, lane, no_slot_code, error.detail);
        if (call.on_progress)
            call.on_progress({.kind = Progress::Kind::failed,
                              .provider = lane.identity().name,
                              .model = lane.identity().model,
                              .detail = error.detail});
        const bool named = !request.model.empty() && request.model != lane.identity().model;
        const bool named_is_gone = error.cls == ErrorClass::model_gone && named && owner_of(request.model) == &lane;
        const Next next = named_is_gone ? Next::give_back : after(error);
        if (next == Next::give_back) co_return fail(std::move(error));
        if (next == Next::larger_only) {
            const std::uint32_t window = lane.spec().context_tokens;
            const auto too_small = [window](const Lane* other) { return other->spec().context_tokens <= window; };
            const auto rest = order.begin() + static_cast<std::ptrdiff_t>(i) + 1;
            order.erase(std::remove_if(rest, order.end(), too_small), order.end());
            // A larger one that only failed for now may take it later; else this is the last word.
            const bool larger_failed =
                std::ranges::any_of(verdicts, [&](const Verdict& verdict) { return !too_small(verdict.lane); });
            if (i + 1 == order.size() && !larger_failed) co_return fail(std::move(error));
        }
        verdicts.push_back({&lane, std::move(error)});
    }
    if (verdicts.empty())
        co_return caller_fault("no provider goes on from the beginning of an answer", "no_prefill",
                               ErrorClass::capacity);
    co_return fail(summary(verdicts));
}

const Lane* Failover::owner_of(const std::string& model) const {
    const auto found = std::ranges::find_if(lanes_, [&](const auto& lane) { return lane->identity().model == model; });
    return found != lanes_.end() ? found->get() : lanes_.front().get();
}

std::string Failover::model_of(const Lane& lane, const ChatRequest& request) const {
    const bool own = request.model.empty() || owner_of(request.model) != &lane;
    return own ? lane.identity().model : request.model;
}

Task<Opened> Failover::ask(Lane& lane, const ChatRequest& request, Call& call) const {
    if (request.model.empty() || owner_of(request.model) == &lane) co_return co_await tree_of(lane).open(request, call);
    auto own = std::make_unique<ChatRequest>(request);
    own->model.clear();
    Opened opened = co_await tree_of(lane).open(*own, call);
    if (!opened) co_return opened;
    co_return std::make_unique<OwningStream>(std::move(own), std::move(*opened));
}

Error Failover::nobody_may() const {
    if (lanes_.empty()) return caller_fault("no provider is configured", "no_provider").error();
    return caller_fault("this conversation is private and no local provider is configured", "no_local_provider")
        .error();
}

Error Failover::summary(const std::vector<Verdict>& verdicts) const {
    constexpr std::size_t detail_bytes_max = 512;
    const auto best =
        std::ranges::max_element(verdicts, {}, [](const Verdict& verdict) { return usefulness(verdict.error); });
    Error error = best->error;
    if (is_lane_closed(error)) {
        const bool stated =
            std::ranges::any_of(verdicts, [](const Verdict& v) { return v.error.cls == ErrorClass::overload; });
        error.cls = stated ? ErrorClass::overload : ErrorClass::transient;
        error.origin = Origin::provider;
        error.code = "all_lanes_closed";
    }
    Instant earliest = forever;
    error.detail.clear();
    for (const Verdict& verdict : verdicts) {
        const Breaker& breaker = verdict.lane->breaker();
        Instant when = std::max(env_.now(), breaker.next_try());
        if (breaker.closed() && verdict.error.retry_after) when += *verdict.error.retry_after;
        if (verdict.error.cls != ErrorClass::capacity) earliest = sooner(earliest, when);
        if (!error.detail.empty()) error.detail += "; ";
        // Adapters begin with the provider's name; the layers around them do not.
        const std::string words = in_words(verdict.error), name = verdict.lane->identity().name + ": ";
        error.detail += words.starts_with(name) ? words : name + words;
    }
    error.detail = utf8_prefix(error.detail, detail_bytes_max);
    error.retry_after.reset();
    if (earliest > env_.now()) error.retry_after = std::chrono::ceil<Millis>(earliest - env_.now());
    return error;
}

}  // namespace

ProviderPtr failover(std::vector<std::shared_ptr<Lane>> lanes, Env env, std::shared_ptr<Lane> hedge) {
    return std::make_shared<Failover>(std::move(lanes), env, std::move(hedge));
}

}  // namespace evenkeel

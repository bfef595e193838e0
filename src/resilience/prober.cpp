#include "resilience/prober.hpp"

#include <algorithm>

namespace evenkeel {
namespace {

using namespace std::chrono_literals;

/// A free check that takes longer counts as bad: it is a connect and a small list.
constexpr Nanos check_limit = 2s;
/// How long a waiting call may take the probe over when no lane can answer.
constexpr Nanos step_back = 200ms;
/// After the first word nothing more is learnt; the rest is read only so that the usage is known.
constexpr Nanos drain_limit = 5s;

Task<bool> drain(ReplyStream& stream) {
    for (;;) {
        const auto batch = co_await stream.next();
        if (!batch || batch->end) co_return true;
    }
}

}  // namespace

Prober::Prober(Env env, std::vector<std::shared_ptr<Lane>> lanes, Event& changed, Event& slow, Report report)
    : env_(env),
      lanes_(std::move(lanes)),
      changed_(changed),
      slow_(slow),
      report_(std::move(report)),
      tasks_(env.scheduler) {
    for (const auto& lane : lanes_) {
        tasks_.spawn(look_after(*lane));
        if (lane->spec().warms_up) tasks_.spawn(keep_ready(*lane));
    }
}

/// Is the lane's model in memory, by all that is known?
bool Prober::is_prepared_for(const Lane& lane) const {
    const auto& answered_at = lane.learning().answered_at;
    return answered_at && env_.now() - *answered_at <= lane.spec().limits.stays_warm;
}

Task<void> Prober::keep_ready(Lane& lane) {
    for (;;) {
        const auto rung = co_await race(detail::set_of(slow_), detail::set_of(changed_));
        const bool needed = rung.first || !lanes_.front()->breaker().closed();
        const bool possible = lane.breaker().closed() && lane.pace().machine().running() == 0;
        if (!needed || !possible || lanes_.front().get() == &lane || is_prepared_for(lane)) continue;
        env_.notes.note({.name = "lane.warmed", .subject = lane.identity().name, .detail = "another lane is failing"});
        co_await ask_one_token(lane);
    }
}

/// Without a network or name servers all that are not on this machine are out of reach alike: one is asked for all.
bool Prober::waits_for_another(const Lane& lane) const {
    const auto cut_off = [](const Lane& each) {
        const auto& state = each.breaker().state();
        return !each.identity().local && state.phase != BreakerPhase::closed && state.why &&
               is_network_down(*state.why);
    };
    if (!cut_off(lane)) return false;
    const auto first = std::ranges::find_if(lanes_, [&](const auto& each) { return cut_off(*each); });
    return first->get() != &lane;
}

Task<void> Prober::look_after(Lane& lane) {
    Breaker& gate = lane.breaker();
    for (;;) {
        const Instant now = env_.now();
        if (gate.state().phase != BreakerPhase::open) {
            co_await changed_.wait();
        } else if (waits_for_another(lane)) {
            while (waits_for_another(lane)) co_await changed_.wait();
            gate.network_is_back();
        } else if (gate.may_try_now()) {
            co_await probe(lane);
        } else if (gate.next_check() <= now) {
            co_await check(lane);
        } else {
            co_await until(env_.scheduler, sooner(gate.next_try(), gate.next_check()), detail::set_of(changed_));
        }
    }
}

bool Prober::another_can_answer(const Lane& lane) const {
    return std::ranges::any_of(lanes_,
                               [&](const auto& other) { return other.get() != &lane && other->breaker().closed(); });
}

Task<void> Prober::check(Lane& lane) {
    const Instant limit = env_.now() + check_limit;
    const Instant cut = sooner(limit, lane.breaker().next_try());
    const auto models = co_await until(env_.scheduler, cut, lane.upstream().models(limit));
    if (!models && cut < limit) co_return lane.breaker().checked(std::nullopt);
    bool good = models && models->has_value();
    const auto& why = lane.breaker().state().why;
    if (good && why && why->cls == ErrorClass::model_gone)
        good = std::ranges::find(models->value(), lane.identity().model) != models->value().end();
    lane.breaker().checked(good);
}

Task<void> Prober::probe(Lane& lane) {
    if (!another_can_answer(lane)) {
        changed_.pulse();  // Whoever waits for a lane may try now.
        const Instant my_turn = env_.now() + step_back;
        while (lane.breaker().may_try_now() && env_.now() < my_turn)
            co_await until(env_.scheduler, my_turn, detail::set_of(changed_));
        if (!lane.breaker().may_try_now()) co_return;
    }
    co_await ask_one_token(lane);
}

Task<void> Prober::ask_one_token(Lane& lane) {
    ChatRequest request{.turns = {{.role = Role::user, .text = "ping"}}, .max_tokens = 1, .temperature = 0.0};
    Call call{.attempts_max = 1, .probe = true};
    call.deadline = env_.now() + lane.spec().limits.total;
    {
        auto opened = co_await lane.tree().open(request, call);
        if (opened) co_await until(env_.scheduler, env_.now() + drain_limit, drain(**opened));
    }
    if (call.attempts.empty()) co_return;
    for (Attempt& attempt : call.attempts) attempt.probe = true;
    if (report_) report_(call.attempts);
}

}  // namespace evenkeel

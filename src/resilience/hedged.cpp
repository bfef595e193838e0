#include "resilience/hedged.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "core/async.hpp"
#include "resilience/retry.hpp"

namespace evenkeel {
namespace {

using Opened = Result<std::unique_ptr<ReplyStream>>;

/// The second's own view of the call: two providers at work must not write into one record.
std::unique_ptr<Call> side_call(const Call& call) {
    auto side = std::make_unique<Call>();
    side->id = call.id;
    side->deadline = call.deadline;
    side->attempts_max = 1;
    side->local_only = call.local_only;
    side->others_left = true;  // It is an extra: it neither waits nor repeats.
    return side;
}

/// The second's stream, once it won: keeps the caller's record of its try as it goes on.
class SideStream final : public ReplyStream {
public:
    SideStream(std::unique_ptr<Call> side, std::unique_ptr<ChatRequest> request, std::unique_ptr<ReplyStream> inner,
               Call& call)
        : call_(call),
          at_(call.attempts.size()),
          side_(std::move(side)),
          request_(std::move(request)),
          inner_(std::move(inner)) {
        call_.attempts.insert(call_.attempts.end(), side_->attempts.begin(), side_->attempts.end());
        index_ = at_ + inner_->attempt();
    }
    ~SideStream() override {
        inner_.reset();
        keep_records();
    }
    SideStream(const SideStream&) = delete;
    SideStream& operator=(const SideStream&) = delete;
    Task<Result<Batch>> next() override {
        auto batch = co_await inner_->next();
        if (!batch || batch->end) keep_records();
        co_return batch;
    }
    std::size_t attempt() const noexcept override { return index_; }

private:
    void keep_records() {
        std::ranges::copy(side_->attempts, call_.attempts.begin() + static_cast<std::ptrdiff_t>(at_));
    }
    Call& call_;
    std::size_t at_, index_ = 0;
    std::unique_ptr<Call> side_;
    std::unique_ptr<ChatRequest> request_;
    std::unique_ptr<ReplyStream> inner_;
};

/// One of the two at work.
struct Runner {
    explicit Runner(Scheduler& scheduler) : task(scheduler) {}
    static Task<void> run(Lane& lane, const ChatRequest& request, Call& call, std::optional<Opened>& into,
                          Event& ended) {
        into.emplace(co_await lane.tree().open(request, call));
        ended.set();
    }
    bool answers() const noexcept { return opened && opened->has_value(); }
    bool failed() const noexcept { return opened && !opened->has_value(); }
    std::optional<Opened> opened;
    TaskGroup task;
};

}  // namespace

std::string Hedged::describe() const {
    return "hedged(" + first_->tree().describe() + ", " + second_->tree().describe() + ")";
}

std::optional<Millis> Hedged::delay(const ChatRequest& request, const Call& call) const {
    const FirstContentTimes& times = first_->learning().times;
    if (call.probe || call.continues || !second_->may_see(call) || !times.know(input_bytes(request)))
        return std::nullopt;
    if (std::ranges::find(call.avoid, second_->identity().name) != call.avoid.end()) return std::nullopt;
    const auto p95 = times.p95();
    return p95 ? std::optional(std::max(*p95, delay_min)) : std::nullopt;
}

Task<Opened> Hedged::open(const ChatRequest& request, Call& call) {
    const auto wait = delay(request, call);
    if (!wait) co_return co_await first_->tree().open(request, call);
    // A model of the first's own, which the caller named, means nothing to the second.
    auto own = std::make_unique<ChatRequest>(request);
    own->model.clear();
    Event ended(env_.scheduler);
    auto side = side_call(call);
    const Instant began = env_.now();
    Runner first(env_.scheduler), second(env_.scheduler);
    first.task.spawn(Runner::run(*first_, request, call, first.opened, ended));
    co_await until(env_.scheduler, began + *wait, detail::set_of(ended));
    if (first.opened) co_return std::move(*first.opened);
    const bool may =
        second_->breaker().closed() && tries_made(call) < call.attempts_max && second_->budget().take(env_.now());
    if (may) second.task.spawn(Runner::run(*second_, *own, *side, second.opened, ended));
    Instant decided = forever;
    while (!first.answers() && !(first.failed() && (!may || second.opened)) && env_.now() < decided) {
        ended.clear();
        co_await until(env_.scheduler, decided, detail::set_of(ended));
        const bool has_grace = second_->identity().local && !first_->identity().local && !first.failed();
        if (second.answers() && decided == forever) decided = env_.now() + (has_grace ? local_grace : Millis{0});
    }
    const bool second_wins = !first.answers() && second.answers();
    if (second_wins) {
        // What the first did not do in this time is known of it all the same.
        first_->learning().times.add(std::chrono::ceil<Millis>(env_.now() - began), input_bytes(request));
        first.task.cancel();
        co_return std::make_unique<SideStream>(std::move(side), std::move(own), std::move(**second.opened), call);
    }
    second.opened.reset();
    second.task.cancel();
    std::ranges::move(side->attempts, std::back_inserter(call.attempts));
    co_return std::move(*first.opened);
}

}  // namespace evenkeel

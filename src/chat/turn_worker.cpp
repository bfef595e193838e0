#include "chat/turn_worker.hpp"

#include <algorithm>

#include "chat/figures.hpp"
#include "chat/retry_plan.hpp"
#include "core/text.hpp"

namespace evenkeel {
namespace {

constexpr Millis live_slot_wait{2'000};

constexpr std::string_view ollama_word = "ollama";

bool lease_lost(const Error& error) { return error.cls == ErrorClass::storage && error.code == "lease_lost"; }

}  // namespace

TurnWorker::TurnWorker(Workshop shop, Lease lease, std::shared_ptr<Room> room, bool probe)
    : shop_(shop), lease_(std::move(lease)), room_(std::move(room)), stop_(shop.env.scheduler) {
    room_->worker = this;
    call_.id = lease_.id;
    call_.attempts_max = shop_.options.tries_max;
    call_.deadline = shop_.env.now() + shop_.options.turn_deadline;
    call_.local_only = lease_.message.is_private;
    call_.only = lease_.message.provider;
    // Its reader may be a program that cannot strike: as long as another provider can go on unseen, it does.
    if (!lease_.message.body.empty()) call_.on_cut = OnCut::resume;
    call_.probe = probe;
    // A question that somebody watches goes to the queue rather than wait long; from there it stands in line.
    call_.slot_wait = lease_.attempts > 0 ? shop_.options.turn_deadline / 2 : live_slot_wait;
    call_.on_progress = [this](const Progress& progress) { tell(progress); };
}

TurnWorker::~TurnWorker() {
    if (room_->worker == this) room_->worker = nullptr;
}

Room* TurnWorker::floor() const noexcept { return room_->worker == this ? room_.get() : nullptr; }

void TurnWorker::tell(const Progress& progress) {
    Room* const room = floor();
    if (!room) return;
    const std::string provider(progress.provider);
    switch (progress.kind) {
        case Progress::Kind::asking: room->progress("asking " + provider); break;
        case Progress::Kind::loading: room->progress(std::string(progress.model) + " is being loaded"); break;
        case Progress::Kind::reasoning: room->progress(provider + " is thinking"); break;
        case Progress::Kind::failed: room->progress(provider + " failed: " + std::string(progress.detail)); break;
    }
}

bool TurnWorker::route_down() const { return shop_.health.next_try_at(lease_.message.is_private) > shop_.env.now(); }

Task<TurnEnd> TurnWorker::run() {
    if (lease_.crashes >= shop_.options.crashes_max) {
        Error error{.cls = ErrorClass::internal, .code = "poison", .detail = "each process that worked it ended"};
        co_return co_await bury(JobState::dead, std::move(error),
                                "Given up: Evenkeel stopped unexpectedly " + std::to_string(lease_.crashes) +
                                    " times while it worked on this question.");
    }
    if (lease_.message.is_private && shop_.health.next_try_at(true) == forever) {
        Error error{.cls = ErrorClass::request, .code = "no_local_provider", .detail = "no provider is local"};
        co_return co_await bury(JobState::refused, std::move(error),
                                "This conversation is private and no local provider is configured; nobody was asked.");
    }
    const auto ended = co_await unless(stop_, work());
    if (!ended && handing_back_) co_return co_await hand_over();
    if (!ended) co_return co_await take_back();
    if (*ended) co_return co_await complete();
    if (lease_lost(ended->error())) co_return lost(ended->error(), "working");
    co_return co_await settle(ended->error());
}

Task<Result<void>> TurnWorker::work() {
    auto ends = co_await race(answer(), keep_lease());
    if (ends.first) co_return std::move(*ends.first);
    co_return fail(std::move(*ends.second));
}

Task<Error> TurnWorker::keep_lease() {
    const Millis third = shop_.options.lease_for / 3;
    for (;;) {
        co_await sleep_until(shop_.env.scheduler, sooner(shop_.env.now() + third, call_.deadline + Seconds{1}));
        if (shop_.env.now() > call_.deadline)
            co_return Error{.cls = ErrorClass::silent,
                            .origin = Origin::provider,
                            .scope = Scope::provider,
                            .detail = "no whole answer within " + spoken_duration(shop_.options.turn_deadline)};
        const auto kept = co_await keep_partial();
        if (!kept && lease_lost(kept.error())) co_return kept.error();
    }
}

Task<Result<void>> TurnWorker::keep_partial() {
    const WallTime until = shop_.wall.now() + shop_.options.lease_for;
    co_return co_await shop_.store.run(
        [lease = lease_, partial = said().size() > partial_.size() ? said() : partial_, until](StoreEngine& engine) {
            return engine.queue().extend(lease, partial, until);
        });
}

Result<void> TurnWorker::prepare_call() {
    const Dialect dialect = lease_.message.dialect == ollama_word ? Dialect::ollama : Dialect::openai;
    auto body = parse_caller_body(dialect, lease_.message.body);
    if (!body) return fail(body.error());
    body_ = std::move(*body);
    request_.body = &*body_;
    request_.model = lease_.message.model;
    return {};
}

Task<Result<void>> TurnWorker::prepare() {
    if (is_call()) co_return prepare_call();
    const std::size_t most = shop_.options.history_messages;
    auto history = co_await shop_.store.run([lease = lease_, most](StoreEngine& engine) {
        return engine.conversations().history(lease.message.principal, lease.message.conversation, lease.sequence,
                                              most);
    });
    if (!history) co_return fail(history.error());
    request_.model = lease_.message.model;
    request_.max_tokens = shop_.options.max_tokens;
    request_.temperature = shop_.options.temperature;
    if (!shop_.options.system_prompt.empty()) request_.turns.push_back({Role::system, shop_.options.system_prompt});
    std::ranges::move(*history, std::back_inserter(request_.turns));
    request_.turns.push_back({Role::user, lease_.message.text});
    co_return Result<void>{};
}

Task<Result<void>> TurnWorker::answer() {
    if (auto ready = co_await prepare(); !ready) co_return ready;
    for (std::uint32_t restarts = 0;; ++restarts) {
        cut_attempt_.reset();
        auto heard = co_await listen();
        if (heard || !cut_attempt_) co_return heard;
        if (std::string words = said(); words.size() > partial_.size()) partial_ = std::move(words);
        const std::string& provider = call_.attempts[*cut_attempt_].provider;
        call_.avoid.push_back(provider);
        strike(provider + " broke off: " + heard.error().detail);
        const ErrorClass cls = heard.error().cls;
        if (cls == ErrorClass::policy || cls == ErrorClass::request) co_return heard;
        if (restarts == shop_.options.restarts_max) co_return heard;
    }
}

Task<Result<void>> TurnWorker::listen() {
    text_.clear();
    if (is_call()) begin_transcript();
    finish_.reset();
    first_content_.reset();
    auto opened = co_await shop_.route.open(request_, call_);
    if (!opened) co_return fail(opened.error());
    ReplyStream& stream = **opened;
    const std::size_t attempt = stream.attempt();
    if (transcript_) transcript_->source = source_of(attempt);
    auto whole = co_await read(stream);
    if (whole) whole = judge(attempt);
    if (!whole) cut_attempt_ = attempt;
    co_return whole;
}

Task<Result<void>> TurnWorker::read(ReplyStream& stream) {
    for (;;) {
        auto batch = co_await stream.next();
        if (!batch) co_return fail(batch.error());
        if (auto taken = take(*batch); !taken) co_return taken;
        if (batch->end) co_return Result<void>{};
    }
}

Result<void> TurnWorker::take(const Batch& batch) {
    for (const ReplyEvent& event : batch.events) {
        if (event.kind == ReplyEvent::Kind::finish) finish_ = event.finish;
        if (is_call()) {
            if (auto taken = take_piece(event); !taken) return taken;
            continue;
        }
        if (event.kind != ReplyEvent::Kind::content) continue;
        if (!first_content_) first_content_ = shop_.wall.now();
        if (text_.size() + event.text.size() > shop_.options.answer_bytes_max)
            return provider_fault(ErrorClass::bad_answer, Scope::model, "the answer does not end", "too_long");
        text_ += event.text;
        if (Room* const room = floor()) room->say(event.text);
    }
    if (Room* const room = floor(); room && is_call() && transcript_->size() > 0) room->say(transcript_);
    return {};
}

Result<void> TurnWorker::take_piece(const ReplyEvent& event) {
    using Kind = ReplyEvent::Kind;
    if (event.kind != Kind::content && event.kind != Kind::reasoning && event.kind != Kind::tool_call) return {};
    if (event.kind != Kind::reasoning && !first_content_) first_content_ = shop_.wall.now();
    transcript_->take(event);
    if (transcript_->bytes() > shop_.options.answer_bytes_max ||
        transcript_->calls().size() > shop_.options.tool_calls_max)
        return provider_fault(ErrorClass::bad_answer, Scope::model, "the answer does not end", "too_long");
    if (event.kind == Kind::content) text_ += event.text;
    return {};
}

/// Places of a text that may have been heard are not given again (transcript.hpp): each later beginning has its own.
void TurnWorker::begin_transcript() {
    const bool heard = lease_.spoke || beginnings_ > 0;
    const std::int64_t beginnings_per_claim = std::int64_t{shop_.options.restarts_max} + 1;
    transcript_ = std::make_shared<Transcript>(
        heard ? static_cast<std::int64_t>(lease_.epoch) * beginnings_per_claim + beginnings_ : 0);
}

Transcript::Source TurnWorker::source_of(std::size_t attempt) const {
    const Attempt& speaks = call_.attempts[attempt];
    const auto reached = std::ranges::count_if(
        call_.attempts, [](const Attempt& each) { return each.outcome != Attempt::Outcome::skipped; });
    return {.provider = speaks.provider, .model = speaks.model, .tries = static_cast<std::uint32_t>(reached)};
}

/// What the running try has said, to be kept if it breaks.
std::string TurnWorker::said() const {
    return text_.empty() && transcript_ ? tool_calls_json(transcript_->calls()) : text_;
}

/// The stream ended by its own account; is that an answer a person can read?
Result<void> TurnWorker::judge(std::size_t attempt) {
    if (!finish_) return provider_fault(ErrorClass::bad_answer, Scope::model, "it ended without a finish", "cut");
    if (trimmed(text_).empty() && (!transcript_ || transcript_->calls().empty()))
        return provider_fault(ErrorClass::bad_answer, Scope::model, "it held no text for people", "empty");
    answer_ = figures(call_.attempts[attempt]);
    return {};
}

bool TurnWorker::is_degraded(const Attempt& answered) const {
    if (!lease_.message.provider.empty()) return false;  // Its asker named the one provider that may answer.
    const auto lanes = shop_.health.lanes();
    const auto first =
        std::ranges::find_if(lanes, [this](const LaneView& lane) { return lane.local || !lease_.message.is_private; });
    return first != lanes.end() && first->name != answered.provider;
}

Answer TurnWorker::figures(const Attempt& answered) const {
    const auto since_accepted = [this](WallTime when) { return std::max(Millis{0}, when - lease_.accepted_at); };
    Answer answer{.text = text_,
                  .provider = answered.provider,
                  .model = answered.model,
                  .finish = *finish_,
                  .degraded = is_degraded(answered),
                  .cost_usd = cost_of(call_.attempts),
                  .latency = since_accepted(shop_.wall.now()),
                  .first_token = since_accepted(*first_content_),
                  .turns_left_out = answered.turns_left_out,
                  .attempts = call_.attempts};
    if (answered.usage) answer.usage = *answered.usage;
    if (transcript_) transcript_->keep_in(answer);
    return answer;
}

void TurnWorker::count_tries() {
    if (shop_.options.on_tries) shop_.options.on_tries(lease_.message, call_.attempts);
}

void TurnWorker::strike(const std::string& why) {
    text_.clear();
    if (transcript_ && transcript_->size() > 0) ++beginnings_;
    transcript_.reset();
    if (Room* const room = floor()) room->restart(why);
}

Task<TurnEnd> TurnWorker::complete() {
    const WallTime now = shop_.wall.now();
    auto kept =
        co_await shop_.store.run([lease = lease_, answer = answer_, now](StoreEngine& engine) -> Result<JobView> {
            if (auto done = engine.queue().complete(lease, answer, now); !done) return fail(done.error());
            return engine.desk().show(lease.message.principal, lease.id);
        });
    if (!kept) co_return lost(kept.error(), "keeping the answer");
    count_tries();
    // The row knows the tries of earlier claims too.
    if (kept->answer) answer_ = std::move(*kept->answer);
    sum_up(answer_);
    if (Room* const room = floor())
        room->end(
            {.kind = TurnEvent::Kind::answered, .answer = std::move(answer_), .practice = shop_.options.practice});
    co_return TurnEnd{.how = TurnEnd::How::answered};
}

Task<TurnEnd> TurnWorker::settle(Error error) {
    if (std::string words = said(); words.size() > partial_.size()) partial_ = std::move(words);
    strike(in_words(error));
    if (!partial_.empty())
        if (auto kept = co_await keep_partial(); !kept) co_return lost(kept.error(), "keeping the partial text");
    const bool down = route_down();
    const RetryFacts facts{.attempts = lease_.attempts,
                           .attempts_max = shop_.options.attempts_max,
                           .route_down = down,
                           .model_named = !lease_.message.model.empty(),
                           .delay_min = shop_.options.retry_delay_min,
                           .delay_max = shop_.options.retry_delay_max};
    auto plan = plan_after(error, call_.attempts, facts, shop_.env.random);
    switch (plan.what) {
        case RetryPlan::What::refuse:
            co_return co_await bury(JobState::refused, std::move(error), std::move(plan.notice));
        case RetryPlan::What::give_up:
            co_return co_await bury(JobState::dead, std::move(error), std::move(plan.notice));
        case RetryPlan::What::requeue: break;
    }
    // The drain watches the route as a whole; that the local lanes alone are down it cannot see.
    if (down && lease_.message.is_private)
        plan.wait = std::max(plan.wait, std::clamp(elapsed(shop_.env.now(), shop_.health.next_try_at(true)),
                                                   Millis{1'000}, Millis{60'000}));
    co_return co_await requeue(std::move(error), plan.wait);
}

Task<TurnEnd> TurnWorker::hand_over() {
    Error error{.cls = ErrorClass::transient, .code = "handed_over", .detail = "the process that worked on it ended"};
    // Kept also so that the next one knows that something was heard.
    if (std::string words = said(); words.size() > partial_.size()) partial_ = std::move(words);
    strike(error.detail);
    if (!partial_.empty())
        if (auto kept = co_await keep_partial(); !kept) co_return lost(kept.error(), "keeping the partial text");
    co_return co_await requeue(std::move(error), Millis{0});
}

Task<TurnEnd> TurnWorker::requeue(Error error, Millis wait) {
    const WallTime now = shop_.wall.now();
    auto view = co_await shop_.store.run(
        [lease = lease_, error, tries = call_.attempts, wait, now](StoreEngine& engine) -> Result<JobView> {
            if (auto done = engine.queue().release(lease, error, tries, now + wait, now); !done)
                return fail(done.error());
            return engine.desk().show(lease.message.principal, lease.id);
        });
    if (!view) co_return lost(view.error(), "putting it back");
    count_tries();
    if (Room* const room = floor()) {
        const Instant opens = shop_.health.next_try_at(lease_.message.is_private);
        std::optional<Millis> eta;
        if (opens != forever) eta = std::max(wait, elapsed(shop_.env.now(), opens));
        room->queued(view->position, in_words(error), eta, error);
    }
    co_return TurnEnd{.how = TurnEnd::How::requeued, .error = std::move(error)};
}

Task<TurnEnd> TurnWorker::bury(JobState end, Error error, std::string notice) {
    const WallTime now = shop_.wall.now();
    auto done = co_await shop_.store.run(
        [lease = lease_, end, error, tries = call_.attempts, notice, now](StoreEngine& engine) {
            return engine.queue().bury(lease, end, error, tries, notice, now);
        });
    if (!done) co_return lost(done.error(), "ending it");
    count_tries();
    if (Room* const room = floor())
        room->end({.kind = end == JobState::refused ? TurnEvent::Kind::refused : TurnEvent::Kind::dead,
                   .text = std::move(notice),
                   .error = error});
    co_return TurnEnd{.how = TurnEnd::How::buried, .error = std::move(error)};
}

Task<TurnEnd> TurnWorker::take_back() {
    const WallTime now = shop_.wall.now();
    if (std::string words = said(); words.size() > partial_.size()) partial_ = std::move(words);
    // Also proves that the question is still ours to end.
    if (auto kept = co_await keep_partial(); !kept) co_return lost(kept.error(), "taking it back");
    auto done =
        co_await shop_.store.run([lease = lease_, tries = call_.attempts, now](StoreEngine& engine) -> Result<void> {
            if (auto ended = engine.desk().cancel(lease.message.principal, lease.id, now); !ended) return ended;
            return engine.outbox().record_tries(tries, now);
        });
    if (!done) co_return lost(done.error(), "taking it back");
    count_tries();
    if (Room* const room = floor()) room->end({.kind = TurnEvent::Kind::cancelled, .text = "taken back"});
    co_return TurnEnd{.how = TurnEnd::How::cancelled};
}

TurnEnd TurnWorker::lost(const Error& error, std::string_view doing) {
    const std::string detail = std::string(doing) + ": " + describe(error);
    shop_.env.notes.note({.severity = lease_lost(error) ? Severity::info : Severity::alarm,
                          .name = "turn.lost",
                          .subject = to_string(lease_.id),
                          .detail = detail});
    strike("it is worked elsewhere");
    return {.how = TurnEnd::How::lost, .error = error};
}

}  // namespace evenkeel

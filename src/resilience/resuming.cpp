#include "resilience/resuming.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/text.hpp"
#include "llm/continued_request.hpp"
#include "resilience/held_reply.hpp"
#include "resilience/rescue_text.hpp"
#include "resilience/splice.hpp"

namespace evenkeel {
namespace {

using Opened = Result<std::unique_ptr<ReplyStream>>;

/// Could another provider do better than the one that broke off?
bool is_worth_a_restart(const Error& error) {
    if (error.origin == Origin::caller) return false;
    switch (error.cls) {
        case ErrorClass::transient:
        case ErrorClass::overload:
        case ErrorClass::silent:
        case ErrorClass::account:
        case ErrorClass::model_gone:
        case ErrorClass::bad_answer:
        case ErrorClass::internal: return true;
        case ErrorClass::request:
        case ErrorClass::capacity:
        case ErrorClass::policy:
        case ErrorClass::cancelled:
        case ErrorClass::storage: return false;
    }
    return false;
}

/// Could another go on from there? Not from a text that had lost its way.
bool is_worth_a_rescue(const Error& error) { return is_worth_a_restart(error) && error.code != endless_repeat_code; }

void avoid_whoever_made(Call& call, std::size_t attempt) {
    if (attempt < call.attempts.size()) call.avoid.push_back(call.attempts[attempt].provider);
}

/// Says for a while that the request goes on from the beginning of its answer.
class Continuing {
public:
    explicit Continuing(Call& call) : call_(call) { call_.continues = true; }
    ~Continuing() { call_.continues = false; }
    Continuing(const Continuing&) = delete;
    Continuing& operator=(const Continuing&) = delete;

private:
    Call& call_;
};

class ResumingStream final : public ReplyStream {
public:
    ResumingStream(Provider& source, RescueLimits limits, Env env, RescueRoom& room, const ChatRequest& request,
                   Call& call, std::unique_ptr<ReplyStream> inner)
        : source_(source),
          limits_(limits),
          env_(env),
          request_(request),
          call_(call),
          text_(room, limits.text_max),
          inner_(std::move(inner)) {}

    Task<Result<Batch>> next() override {
        for (;;) {
            auto batch = co_await inner_->next();
            if (batch && !aligning_) co_return handed_out(*batch);
            Error why = batch ? Error{} : std::move(batch.error());
            if (batch) {
                const Splice::State state = align(*batch);
                if (state == Splice::State::fits) co_return handed_out(Batch{.events = events_, .end = batch->end});
                if (state == Splice::State::undecided) continue;
                why = other_text();
            }
            if (!co_await take_up(std::move(why))) co_return fail(std::move(*cut_));
        }
    }
    std::size_t attempt() const noexcept override { return inner_ ? inner_->attempt() : attempt_; }

private:
    Result<Batch> handed_out(Batch batch);
    Splice::State align(const Batch& batch);
    Error other_text() const;
    Task<bool> take_up(Error why);
    Task<bool> ask_anew();
    Task<bool> ask_to_go_on();
    void dismiss(const Error& why);

    Provider& source_;
    RescueLimits limits_;
    Env env_;
    const ChatRequest& request_;
    Call& call_;
    RescueText text_;
    std::optional<Error> cut_;  ///< What broke the reply that was being read.
    std::uint32_t rescues_ = 0;
    bool resumed_ = false;
    bool going_on_ = false;  ///< The present reply was asked to go on; else it answers anew.
    bool aligning_ = false;  ///< It is not yet known whether it fits.
    std::unique_ptr<Splice> splice_;
    std::vector<ReplyEvent> events_;
    std::size_t attempt_ = 0;
    std::unique_ptr<ContinuedRequest> continued_;
    std::unique_ptr<ReplyStream> inner_;
};

Result<Batch> ResumingStream::handed_out(Batch batch) {
    for (const ReplyEvent& event : batch.events) {
        if (event.kind == ReplyEvent::Kind::content) text_.add(event.text);
        if (event.kind == ReplyEvent::Kind::tool_call) text_.give_up();
    }
    if (batch.end) text_.give_up();  // Nothing can break any more.
    if (!resumed_) return batch;
    // Thoughts in the middle of an answer would be shown as a second beginning.
    if (batch.events.data() != events_.data()) events_.assign(batch.events.begin(), batch.events.end());
    std::erase_if(events_, [](const ReplyEvent& event) { return event.kind == ReplyEvent::Kind::reasoning; });
    return Batch{.events = events_, .end = batch.end};
}

/// Feeds the batch's text to the splice. Once it fits, `events_` holds what is new of it.
Splice::State ResumingStream::align(const Batch& batch) {
    events_.clear();
    Splice::State state = Splice::State::undecided;
    for (ReplyEvent event : batch.events) {
        const bool content = event.kind == ReplyEvent::Kind::content;
        if (state == Splice::State::undecided && content) {
            state = splice_->feed(event.text);
            if (state == Splice::State::differs) return state;
            if (state == Splice::State::fits) event.text = splice_->rest();
            if (state == Splice::State::undecided || event.text.empty()) continue;
        }
        // A tool call where text is expected is another answer.
        if (state == Splice::State::undecided && event.kind == ReplyEvent::Kind::tool_call)
            return Splice::State::differs;
        events_.push_back(event);
    }
    if (state == Splice::State::undecided && batch.end) {
        state = splice_->end();
        const std::string_view rest = splice_->rest();
        if (state == Splice::State::fits && !rest.empty())
            events_.insert(events_.begin(), ReplyEvent{.kind = ReplyEvent::Kind::content, .text = rest});
    }
    if (state == Splice::State::fits) {
        aligning_ = false;  // The splice stays: the first piece is a view into it.
        resumed_ = true;
        env_.notes.note({.name = "reply.resumed",
                         .subject = call_.attempts[inner_->attempt()].provider,
                         .detail = going_on_ ? "it went on behind what was read" : "it said the same from the start"});
    }
    return state;
}

Error ResumingStream::other_text() const {
    Error error{.cls = ErrorClass::bad_answer, .origin = Origin::self, .scope = Scope::request};
    error.code = "other_text";
    error.detail = "its answer does not go on from what was already read";
    return error;
}

/// The present reply is of no more use. True: another stands in its place.
Task<bool> ResumingStream::take_up(Error why) {
    if (aligning_) {
        dismiss(why);
        if (going_on_) co_return false;
    } else {
        const std::size_t broken = inner_->attempt();
        dismiss(why);
        cut_ = std::move(why);
        if (!is_worth_a_rescue(*cut_) || !text_.is_kept() || rescues_ == limits_.rescues_max) co_return false;
        ++rescues_;
        avoid_whoever_made(call_, broken);
        if (co_await ask_anew()) co_return true;
    }
    co_return co_await ask_to_go_on();
}

/// Ends the present reply. Where it was not broken but of no use, its record says why it was left.
void ResumingStream::dismiss(const Error& why) {
    attempt_ = inner_->attempt();
    aligning_ = false;
    inner_.reset();
    if (attempt_ >= call_.attempts.size()) return;
    Attempt& record = call_.attempts[attempt_];
    if (record.outcome == Attempt::Outcome::cancelled) record.error = why;
}

Task<bool> ResumingStream::ask_anew() {
    going_on_ = false;
    auto opened = co_await source_.open(request_, call_);
    if (!opened) co_return false;
    inner_ = std::move(*opened);
    splice_ = std::make_unique<Splice>(Splice::Second::whole, text_.view());
    aligning_ = true;
    co_return true;
}

Task<bool> ResumingStream::ask_to_go_on() {
    going_on_ = true;
    const std::string_view beginning = Splice::prefill(text_.view());
    if (beginning.empty()) co_return false;
    continued_ = continued(request_, beginning);
    if (!continued_) co_return false;
    const Continuing said(call_);
    auto opened = co_await source_.open(continued_->request, call_);
    if (!opened) co_return false;
    inner_ = std::move(*opened);
    splice_ = std::make_unique<Splice>(Splice::Second::continuation, text_.view());
    aligning_ = true;
    co_return true;
}

class Resuming final : public Provider {
public:
    Resuming(ProviderPtr inner, RescueLimits limits, Env env)
        : inner_(std::move(inner)), limits_(limits), env_(env), room_{.max = limits.total_max} {}
    std::string describe() const override { return "resuming(" + inner_->describe() + ")"; }

    Task<Opened> open(const ChatRequest& request, Call& call) override {
        const bool side_by_side = request.body != nullptr && request.body->choices > 1;
        if (call.on_cut == OnCut::fail || !request.stream || (side_by_side && call.on_cut == OnCut::resume))
            co_return co_await inner_->open(request, call);
        if (call.on_cut == OnCut::hold) co_return co_await open_held(request, call);
        Opened opened = co_await inner_->open(request, call);
        if (!opened) co_return opened;
        co_return std::make_unique<ResumingStream>(*inner_, limits_, env_, room_, request, call, std::move(*opened));
    }

private:
    Task<Opened> open_held(const ChatRequest& request, Call& call);
    ProviderPtr inner_;
    RescueLimits limits_;
    Env env_;
    RescueRoom room_;
};

Task<Opened> Resuming::open_held(const ChatRequest& request, Call& call) {
    for (std::uint32_t rescues = 0;; ++rescues) {
        Opened opened = co_await inner_->open(request, call);
        if (!opened) co_return opened;
        const std::size_t attempt = (*opened)->attempt();
        auto held = co_await hold(std::move(*opened), limits_.held_max);
        if (held) co_return held;
        if (!is_worth_a_restart(held.error()) || rescues == limits_.rescues_max) co_return held;
        avoid_whoever_made(call, attempt);
    }
}

}  // namespace

ProviderPtr resuming(ProviderPtr inner, RescueLimits limits, Env env) {
    return std::make_shared<Resuming>(std::move(inner), limits, env);
}

}  // namespace evenkeel

#pragma once
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "chat/desk.hpp"
#include "core/async.hpp"

namespace evenkeel::testing {

/// An event of one and the same question; an answer is nanogpt's, and says `text`.
inline TurnEvent turn_event(TurnEvent::Kind kind, std::string text = {}) {
    TurnEvent event{.kind = kind, .id = *parse_id("0193c1d2-7f3a-7abc-8def-0123456789ab"), .text = std::move(text)};
    if (kind == TurnEvent::Kind::answered)
        event.answer = Answer{.text = event.text, .provider = "nanogpt", .model = "m"};
    return event;
}

/// A desk that plays scripts: each submit takes the next script of events, with pauses in virtual time.
class ScriptedDesk final : public Desk {
public:
    struct Step {
        TurnEvent event;
        Nanos after{0};  ///< Pause before it.
    };
    using Script = std::vector<Step>;
    explicit ScriptedDesk(Scheduler& scheduler) : scheduler_(scheduler), late_(scheduler) {}

    void script(Script steps) { scripts_.push_back(std::move(steps)); }
    void refuse_next(Error error) { refusal_ = std::move(error); }
    void deliver(Delivery delivery) { late_.push(std::move(delivery)); }

    std::vector<Inbound> submitted;
    std::vector<Id> cancelled, shown_ids;
    std::vector<std::pair<std::string, std::string>> calls;
    std::map<std::string, std::string> replies;  ///< Operation → JSON.

    Task<Result<std::unique_ptr<TurnStream>>> submit(Inbound message) override {
        submitted.push_back(std::move(message));
        if (refusal_) co_return fail(*std::exchange(refusal_, std::nullopt));
        Script steps;
        if (!scripts_.empty()) {
            steps = std::move(scripts_.front());
            scripts_.pop_front();
        }
        std::unique_ptr<TurnStream> stream = std::make_unique<Stream>(scheduler_, std::move(steps));
        co_return stream;
    }
    Task<Result<std::unique_ptr<TurnStream>>> follow(Id) override { return submit({}); }
    Task<Result<void>> cancel(Id id) override {
        cancelled.push_back(id);
        co_return Result<void>();
    }
    Task<Result<std::unique_ptr<DeliveryStream>>> deliveries(std::string, std::string) override {
        std::unique_ptr<DeliveryStream> stream = std::make_unique<Late>(late_);
        co_return stream;
    }
    Task<Result<void>> shown(Id id) override {
        shown_ids.push_back(id);
        co_return Result<void>();
    }
    Task<Result<std::string>> call(std::string operation, std::string arguments) override {
        calls.emplace_back(operation, arguments);
        const auto found = replies.find(operation);
        if (found == replies.end()) co_return caller_fault("no such operation: " + operation, "unknown_operation");
        co_return found->second;
    }

private:
    class Stream final : public TurnStream {
    public:
        Stream(Scheduler& scheduler, Script steps) : scheduler_(scheduler), steps_(std::move(steps)) {}
        Task<Result<std::optional<TurnEvent>>> next() override {
            if (at_ == steps_.size()) co_return std::optional<TurnEvent>();
            Step& step = steps_[at_++];
            if (step.after.count() > 0) co_await sleep_for(scheduler_, step.after);
            co_return std::optional<TurnEvent>(step.event);
        }

    private:
        Scheduler& scheduler_;
        Script steps_;
        std::size_t at_ = 0;
    };
    class Late final : public DeliveryStream {
    public:
        explicit Late(Mailbox<Delivery>& box) : box_(box) {}
        Task<Result<Delivery>> next() override {
            std::optional<Delivery> item = co_await box_.take();
            if (!item) co_return provider_fault(ErrorClass::transient, Scope::none, "the owner ended", "owner_gone");
            co_return std::move(*item);
        }

    private:
        Mailbox<Delivery>& box_;
    };

    Scheduler& scheduler_;
    std::deque<Script> scripts_;
    std::optional<Error> refusal_;
    Mailbox<Delivery> late_;
};

}  // namespace evenkeel::testing

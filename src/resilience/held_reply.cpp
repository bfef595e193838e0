#include "resilience/held_reply.hpp"

#include <string>
#include <utility>

#include "llm/event_buffer.hpp"

namespace evenkeel {
namespace {

class HeldReply final : public ReplyStream {
public:
    explicit HeldReply(std::size_t attempt) noexcept : attempt_(attempt) {}
    Task<Result<Batch>> next() override {
        Batch whole = last_;
        whole.wire = wire_;
        whole.events = events_.events();
        co_return whole;
    }
    std::size_t attempt() const noexcept override { return attempt_; }

    void add(const Batch& batch) {
        wire_ += batch.wire;
        for (const ReplyEvent& event : batch.events) {
            if (event.kind == ReplyEvent::Kind::usage)
                events_.add_usage(event.usage);
            else if (event.kind == ReplyEvent::Kind::finish)
                events_.add_finish(event.finish);
            else
                events_.add(event.kind, event.text);
        }
        last_ = batch;
    }
    std::size_t bytes() const noexcept { return wire_.size() + events_.bytes(); }

private:
    std::string wire_;
    EventBuffer events_;
    Batch last_;  ///< For what holds for the whole reply; its views are stale.
    std::size_t attempt_;
};

}  // namespace

Task<Result<std::unique_ptr<ReplyStream>>> hold(std::unique_ptr<ReplyStream> stream, std::size_t bytes_max) {
    auto held = std::make_unique<HeldReply>(stream->attempt());
    for (bool end = false; !end;) {
        const auto batch = co_await stream->next();
        if (!batch) co_return fail(batch.error());
        held->add(*batch);
        if (held->bytes() > bytes_max)
            co_return provider_fault(ErrorClass::bad_answer, Scope::request,
                                     "the answer is larger than what may be held back until it is whole", "too_large");
        end = batch->end;
    }
    co_return held;
}

}  // namespace evenkeel

#include "frontends/http/responses_live.hpp"

#include <utility>

#include "frontends/http/durable.hpp"
#include "frontends/http/responses_events.hpp"

namespace evenkeel {
namespace {

/// One reply on its way, told as a response.
class LiveResponse {
public:
    LiveResponse(Gateway& gateway, Exchange& exchange, const ResponsesRequest& request)
        : exchange_(exchange),
          request_(request),
          head_{.id = exchange.call.id,
                .echo = request.echo,
                .status = ResponseStatus::in_progress,
                .created_at = gateway.env().wall(),
                .model = request.model},
          env_(gateway.env()) {}

    Task<void> run(ReplyStream& stream) {
        for (bool end = false; !end;) {
            auto batch = co_await stream.next();
            exchange_.won = stream.attempt();
            if (!batch) co_return co_await broken(std::move(batch.error()));
            end = batch->end;
            if (auto taken = take(*batch); !taken) co_return co_await broken(std::move(taken.error()));
            if (!request_.stream) continue;
            tell_pieces();
            if (!end && !co_await sink_.send(out_)) co_return;
        }
        co_await finish();
    }

private:
    Result<void> take(const Batch& batch) {
        constexpr std::size_t bytes_max = std::size_t{16} << 20;
        for (const ReplyEvent& event : batch.events) {
            if (event.kind == ReplyEvent::Kind::finish) finish_ = event.finish;
            if (event.kind == ReplyEvent::Kind::usage) usage_ = event.usage;
            transcript_.take(event);
            if (transcript_.bytes() > bytes_max)
                return provider_fault(ErrorClass::bad_answer, Scope::model, "the answer does not end", "too_long");
        }
        return {};
    }

    void begin() {
        if (events_) return;
        model_ = exchange_.winner() != nullptr ? exchange_.winner()->model : request_.model;
        head_.model = model_;
        events_.emplace(head_, false, -1);
        events_->begin(out_);
    }

    void tell_pieces() {
        std::vector<AnswerPiece> pieces;
        while (told_ < transcript_.size()) pieces.push_back(transcript_.at(told_++));
        if (pieces.empty()) return;
        begin();
        (void)events_->pieces(0, pieces, out_);
    }

    Task<void> finish() {
        begin();
        Answer answer{.finish = finish_, .usage = usage_};
        transcript_.keep_in(answer);
        ResponseView view = head_;
        view.model = exchange_.winner() != nullptr ? exchange_.winner()->model : std::string_view(model_);
        view.answer = &answer;
        view.ended_at = env_.wall();
        const bool whole = finish_ == FinishReason::stop || finish_ == FinishReason::tool_calls;
        view.status = whole ? ResponseStatus::completed : ResponseStatus::incomplete;
        if (!request_.stream) {
            (void)co_await exchange_.answer_json(200, response_json(view));
            co_return;
        }
        (void)events_->end(view, out_);
        if (co_await sink_.send(out_)) co_await sink_.finish();
    }

    Task<void> broken(Error error) {
        if (!sink_.has_begun()) {
            exchange_.won.reset();
            (void)co_await exchange_.refuse(std::move(error));
            co_return;
        }
        exchange_.error = error;
        ResponseView view = head_;
        view.status = ResponseStatus::failed;
        view.error = error.detail;
        (void)events_->end(view, out_);
        if (co_await sink_.send(out_)) co_await sink_.finish();
    }

    Exchange& exchange_;
    const ResponsesRequest& request_;
    ResponseView head_;
    Env env_;
    std::string model_;
    std::optional<ResponseEvents> events_;
    Transcript transcript_;
    std::size_t told_ = 0;
    Usage usage_;
    FinishReason finish_ = FinishReason::stop;
    EventSink sink_{exchange_, sse_type};
    std::string out_;
};

}  // namespace

Task<void> relay_response(Gateway& gateway, Exchange& exchange, const ResponsesRequest& request, ModelChoice choice,
                          std::string chat_body) {
    const auto body = parse_caller_body(Dialect::openai, chat_body);
    if (!body) {
        (void)co_await exchange.refuse(body.error());
        co_return;
    }
    ChatRequest asked;
    asked.model = std::move(choice.model);
    asked.body = &*body;
    asked.stream = true;
    exchange.call.only = std::move(choice.only);
    exchange.call.on_cut = OnCut::resume;
    auto stream = co_await gateway.tree().open(asked, exchange.call);
    if (!stream) {
        (void)co_await exchange.refuse(std::move(stream.error()));
        co_return;
    }
    LiveResponse live(gateway, exchange, request);
    co_await live.run(**stream);
}

}  // namespace evenkeel

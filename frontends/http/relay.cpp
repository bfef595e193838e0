#include "frontends/http/relay.hpp"

#include <memory>
#include <string>
#include <utility>

#include "frontends/http/error_reply.hpp"
#include "llm/reply_writer.hpp"

namespace evenkeel {
namespace {

constexpr std::string_view events_fields =
    "Content-Type: text/event-stream; charset=utf-8\r\nCache-Control: no-cache\r\nX-Accel-Buffering: no\r\n";
constexpr std::string_view lines_fields = "Content-Type: application/x-ndjson\r\nX-Accel-Buffering: no\r\n";
constexpr std::string_view json_fields = "Content-Type: application/json\r\n";

WireFormat own_format(Dialect dialect, bool stream) noexcept {
    if (dialect == Dialect::ollama) return stream ? WireFormat::ollama_lines : WireFormat::ollama_json;
    return stream ? WireFormat::openai_events : WireFormat::openai_json;
}

/// How long a caller waits in line for a provider that has enough to do; then it is told to come again.
constexpr Millis slot_wait{5'000};

/// `x-evenkeel-complete-first: true` asks for a stream that is held until the answer is whole.
OnCut on_cut(const HttpIncoming& request) noexcept {
    return request.header("x-evenkeel-complete-first") == "true" ? OnCut::hold : OnCut::resume;
}

/// The id in the first chunk of a stream; empty where it has none, or an odd one.
std::string id_in(std::string_view events) {
    constexpr std::string_view before = "\"id\":\"";
    constexpr std::size_t longest = 128;
    const std::size_t at = events.find(before);
    if (at == std::string_view::npos) return {};
    events.remove_prefix(at + before.size());
    const std::size_t end = events.find('"');
    return end > longest ? std::string() : std::string(events.substr(0, end));
}

/// One reply on its way to the caller.
class Relay {
public:
    Relay(Gateway& gateway, Exchange& exchange, const ChatRequest& request, MakeReplyWriter make_writer) noexcept
        : gateway_(gateway),
          exchange_(exchange),
          request_(request),
          make_writer_(make_writer),
          format_(own_format(exchange.dialect, request.stream)) {}

    Task<void> run(ReplyStream& stream) {
        for (bool end = false; !end;) {
            auto batch = co_await stream.next();
            exchange_.won = stream.attempt();
            if (!batch) co_return co_await break_off(std::move(batch.error()));
            end = batch->end;
            const std::string_view bytes = request_.stream ? streamed(*batch) : whole(*batch);
            if (!bytes.empty() && !co_await send(bytes)) co_return;
        }
        if (begun_) (void)co_await exchange_.responder.finish();
    }

private:
    bool may_hand_on(const Batch& batch) const noexcept {
        return batch.format == format_ && make_writer_ == nullptr && !writer_;
    }

    /// What the caller is to read of this batch.
    std::string_view streamed(const Batch& batch) {
        if (may_hand_on(batch)) {
            if (!begun_ && exchange_.dialect == Dialect::openai) id_ = id_in(batch.wire);
            return batch.wire;
        }
        out_.clear();
        writer().write(batch.events, out_);
        if (batch.end) writer().finish(out_);
        return out_;
    }
    std::string_view whole(const Batch& batch) {
        if (batch.end && may_hand_on(batch)) return batch.wire;
        writer().collect(batch.events);
        if (!batch.end) return {};
        out_ = writer().document();
        return out_;
    }

    /// Made where the upstream speaks otherwise than the caller.
    ReplyWriter& writer() {
        if (writer_) return *writer_;
        const Attempt* const winner = exchange_.winner();
        ReplyHead head{.id = id_.empty() ? "chatcmpl-" + to_string(exchange_.call.id) : id_,
                       .model = winner != nullptr ? winner->model : std::string(any_model),
                       .created = gateway_.env().wall(),
                       .asked = exchange_.began,
                       .wants_usage = request_.body != nullptr && request_.body->wants_usage,
                       .begun = begun_};
        if (make_writer_ != nullptr)
            writer_ = make_writer_(gateway_.env(), std::move(head));
        else if (exchange_.dialect == Dialect::ollama)
            writer_ = make_ollama_writer(gateway_.env(), std::move(head));
        else
            writer_ = make_openai_writer(std::move(head));
        return *writer_;
    }

    /// False: the caller has gone.
    Task<bool> send(std::string_view bytes) {
        exchange_.bytes_out += bytes.size();
        if (begun_) {
            const auto written = co_await exchange_.responder.write(bytes);
            co_return written.has_value();
        }
        exchange_.status = 200;
        if (!request_.stream) {
            const auto answered = co_await exchange_.responder.answer(200, exchange_.fields(json_fields), bytes);
            co_return answered.has_value();
        }
        begun_ = true;
        const FieldLines lines = exchange_.fields(exchange_.dialect == Dialect::ollama ? lines_fields : events_fields);
        const auto begun = co_await exchange_.responder.begin(200, lines, bytes);
        co_return begun.has_value();
    }

    /// Before the first byte an error has a status of its own; after it the caller is told in the stream, which then
    /// ends in good order but without the mark of a whole answer.
    Task<void> break_off(Error error) {
        if (!begun_) {
            exchange_.won.reset();
            (void)co_await exchange_.refuse(std::move(error));
            co_return;
        }
        exchange_.error = std::move(error);
        const std::string told = error_in_stream(exchange_.dialect, *exchange_.error);
        if (co_await send(told)) (void)co_await exchange_.responder.finish();
    }

    Gateway& gateway_;
    Exchange& exchange_;
    const ChatRequest& request_;
    MakeReplyWriter make_writer_;  ///< Null: the reply is chat in the caller's dialect.
    WireFormat format_;
    std::unique_ptr<ReplyWriter> writer_;
    std::string id_;  ///< What the upstream's chunks are called: should another go on, it keeps the name.
    std::string out_;
    bool begun_ = false;
};

}  // namespace

Task<void> relay(Gateway& gateway, Exchange& exchange, const ChatRequest& request) {
    return relay_as(gateway, exchange, request, nullptr);
}

Task<void> relay_as(Gateway& gateway, Exchange& exchange, const ChatRequest& request, MakeReplyWriter make_writer) {
    exchange.streamed = request.stream;
    // What was written cannot be taken back: where an answer breaks off, another provider goes on behind it.
    exchange.call.slot_wait = slot_wait;
    if (exchange.call.on_cut == OnCut::fail) exchange.call.on_cut = on_cut(exchange.request);
    auto stream = co_await gateway.tree().open(request, exchange.call);
    if (!stream) {
        (void)co_await exchange.refuse(std::move(stream.error()));
        co_return;
    }
    Relay reply(gateway, exchange, request, make_writer);
    co_await reply.run(**stream);
}

}  // namespace evenkeel

#include "llm/answer_stream.hpp"

#include <algorithm>
#include <span>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "core/async.hpp"
#include "core/text.hpp"
#include "llm/classify.hpp"
#include "llm/retry_after.hpp"
#include "llm/scrub.hpp"
#include "llm/translate.hpp"

namespace evenkeel {
namespace {

/// A provider's word that is to stand in JSON, logs and metrics: dropped where it is no plain word, or holds the key.
std::string plain_word(std::string_view word, const Secret& key) {
    constexpr std::size_t longest = 64;
    const bool plain = word.size() <= longest && std::ranges::all_of(word, [](char c) {
                           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                                  c == '_' || c == '-' || c == '.';
                       });
    return plain && scrubbed(word, key, {}) == word ? std::string(word) : std::string();
}

Task<Result<std::monostate>> read_refusal(HttpReply& reply, std::string& body) {
    while (body.size() < AnswerStream::refusal_bytes_max) {
        auto bytes = co_await reply.read();
        if (!bytes || bytes->empty()) break;
        body += bytes->substr(0, AnswerStream::refusal_bytes_max - body.size());
    }
    co_return std::monostate{};
}

}  // namespace

AnswerStream::AnswerStream(Upstreamed& upstream, const ChatRequest& request, Call& call, const ContextFit& fit,
                           std::unique_ptr<ReplyReader> reader)
    : upstream_(upstream),
      request_(request),
      input_bytes_(bytes_of(fit.system) + bytes_of(fit.recent)),
      input_turns_(fit.system.size() + fit.recent.size()),
      input_estimate_(fit.tokens),
      attempt_(upstream.env, call, upstream.options.name,
               request.model.empty() ? upstream.options.model : request.model),
      reader_(std::move(reader)) {
    attempt_.record().turns_left_out = fit.turns_left_out;
    reader_->limit_repeats(upstream.options.repeat_bytes_max);
}

AnswerStream::~AnswerStream() {
    if (!closed_) settle_figures();
}

Task<Result<void>> AnswerStream::start(HttpRequest request) {
    waiting_ = true;
    auto reply = co_await upstream_.sender->send(std::move(request));
    waiting_ = false;
    if (!reply) co_return failed(std::move(reply.error()));
    reply_ = std::move(*reply);
    status_ = reply_->status();
    if (status_ < 200 || status_ > 299) co_return failed(co_await refused());
    waiting_ = true;
    auto batch = co_await advance();
    if (!batch) co_return fail(std::move(batch.error()));
    first_ = *batch;
    co_return Result<void>{};
}

Task<Result<Batch>> AnswerStream::next() {
    if (first_) co_return *std::exchange(first_, std::nullopt);
    reader_->events().clear();
    wire_.clear();
    co_return co_await advance();
}

Task<Result<Batch>> AnswerStream::advance() {
    for (;;) {
        auto ended = co_await receive();
        if (!ended) co_return failed(std::move(ended.error()));
        if (*ended) co_return conclude();
        // It said that it is whole, but it is no answer: that piece must not be handed out.
        if (reader_->facts().has(Fact::finish) && reader_->facts().has_content() && judge(reader_->facts()))
            co_return conclude();
        if (reader_->facts().has_content() && !reader_->events().empty()) break;
        // Not yet anything to hand over: the bytes must outlive the next receive.
        hold_bytes();
        if (wire_.size() > held_bytes_max)
            co_return failed(provider_fault(ErrorClass::bad_answer, Scope::provider,
                                            "sent 16 MiB without a word of its answer", "too_large")
                                 .error());
    }
    attempt_.saw_content();
    if (!wire_.empty()) wire_ += std::exchange(bytes_, {});
    co_return batch(wire_.empty() ? bytes_ : wire_, false);
}

Batch AnswerStream::batch(std::string_view wire, bool end) {
    const WireFormat format = reader_->format();
    wire = end ? whole_events_.end(wire, format, reader_->facts().has(Fact::marker))
               : whole_events_.take(wire, format, reader_->facts().has(Fact::finish));
    return Batch{.wire = wire, .events = reader_->events().events(), .end = end, .format = format};
}

Task<Result<bool>> AnswerStream::receive() {
    Result<std::string_view> bytes;
    if (!reader_->facts().has(Fact::finish)) {
        bytes = co_await reply_->read();
    } else {
        auto in_time = co_await read_rest(after_finish_max);
        if (!in_time) co_return true;
        bytes = std::move(*in_time);
    }
    waiting_ = false;
    if (!bytes) {
        ending_.set(Fact::broken);
        // A body over a limit or out of frame is a lie of its own kind; a lost connection is for the judge.
        if (bytes.error().cls != ErrorClass::transient && !may_end()) co_return fail(std::move(bytes.error()));
        co_return true;
    }
    bytes_ = *bytes;
    const bool at_end = bytes_.empty();
    const auto read = at_end ? reader_->finish() : reader_->feed(bytes_);
    if (reader_->facts().has(Fact::reasoning)) attempt_.saw_reasoning();
    if (!read && !may_end()) co_return fail(read.error());
    // There is no more to learn from it, and it would go on for ever.
    if (at_end || !read || reader_->facts().has(Fact::endless)) co_return true;
    if (!reader_->is_complete()) co_return false;
    hold_bytes();
    // What is left is the body's own end: reading it lets the connection be used again.
    std::ignore = co_await read_rest(body_end_max);
    co_return true;
}

/// A coroutine of its own, since its timer would make the frame large in which a stream waits all its life.
Task<std::optional<Result<std::string_view>>> AnswerStream::read_rest(Millis patience) {
    co_return co_await until(upstream_.env.scheduler, upstream_.env.now() + patience, reply_->read());
}

/// The bytes outlive the next receive; those of a document the reader keeps anyway.
void AnswerStream::hold_bytes() {
    const std::string_view bytes = std::exchange(bytes_, {});
    if (reader_->document().empty()) wire_ += bytes;
}

Result<Batch> AnswerStream::conclude() {
    reply_.reset();
    if (auto verdict = judge(reader_->facts() | ending_)) {
        verdict->http_status = status_;
        return failed(std::move(*verdict));
    }
    attempt_.saw_content();
    settle_figures();
    attempt_.answered();
    if (const auto odd = reader_->odd_finish(); !odd.empty())
        upstream_.env.notes.note({.severity = Severity::warning,
                                  .name = "provider.unknown_finish",
                                  .subject = upstream_.options.name,
                                  .detail = plain_word(odd, upstream_.options.api_key)});
    return batch(reader_->document().empty() ? std::string_view(wire_) : reader_->document(), true);
}

/// Nothing that comes now can take the answer back.
bool AnswerStream::may_end() const noexcept {
    return reader_->facts().has(Fact::finish) && reader_->facts().has_content();
}

Task<Error> AnswerStream::refused() {
    std::string body;
    co_await until(upstream_.env.scheduler, upstream_.env.now() + refusal_max, read_refusal(*reply_, body));
    auto retry_after = parse_retry_after_ms(reply_->header("retry-after-ms"));
    if (!retry_after) retry_after = parse_retry_after(reply_->header("retry-after"), upstream_.env.wall());
    refusal_ = read_error_body(body);
    co_return classify({.status = status_, .body = *refusal_, .retry_after = retry_after});
}

void AnswerStream::settle_figures() {
    closed_ = true;
    Attempt& record = attempt_.record();
    if (!reader_->model().empty()) record.model = reader_->model();
    if (const auto& usage = reader_->usage()) {
        record.usage = usage;
        upstream_.estimator.learn(input_bytes_, input_turns_, usage->input);
    } else if (waiting_ || reader_->facts().has(Fact::reply)) {
        record.usage = Usage{
            .input = input_estimate_, .output = upstream_.estimator.tokens(reader_->output_bytes()), .estimated = true};
    }
    const auto& options = upstream_.options;
    record.cost_usd = reader_->cost_usd();
    if (!record.cost_usd && record.usage)
        record.cost_usd = price_of(*record.usage, options.price_input, options.price_output);
}

std::unexpected<Error> AnswerStream::failed(Error error) {
    reply_.reset();
    settle_figures();
    error.code = plain_word(error.code, upstream_.options.api_key);
    const std::vector<Turn> asked = request_.body != nullptr ? turns_of(*request_.body) : std::vector<Turn>();
    const std::string words = scrubbed(error.detail, upstream_.options.api_key,
                                       request_.body != nullptr ? std::span(asked) : std::span(request_.turns));
    error.detail = upstream_.options.name;
    if (error.http_status >= 300) error.detail += " answered " + std::to_string(error.http_status);
    if (!words.empty()) error.detail += ": " + words;
    return attempt_.failed(std::move(error));
}

}  // namespace evenkeel

#include "practice/performance.hpp"

#include "core/async.hpp"
#include "practice/canonical.hpp"

namespace evenkeel::practice {
namespace {

constexpr Millis thought_every{100};
constexpr std::string_view thought_text = "Let me think about that. ";
constexpr std::string_view blank_answer = " \n ";
constexpr std::string_view not_http = "\x16\x03\x01 practice: this is not HTTP\r\n\r\n";

Task<bool> nap(Scheduler& scheduler, Nanos duration) {
    co_await sleep_for(scheduler, duration);
    co_return true;
}

/// Whole seconds, rounded up: what the header can say.
std::string retry_after_seconds(Millis time) { return std::to_string((time.count() + 999) / 1000); }

}  // namespace

Performance::Performance(Env env, const Dialect& dialect, Pace pace, Behaviour behaviour, Reply reply, PracticeLog& log,
                         std::uint64_t encounter, HttpResponder& responder)
    : env_(env),
      dialect_(dialect),
      pace_(pace),
      behaviour_(behaviour),
      reply_(std::move(reply)),
      log_(log),
      encounter_(encounter),
      responder_(responder) {
    if (is(Fault::slow)) pace_.between = behaviour_.time.value_or(pace_.between);
    if (is(Fault::cold)) pace_.first_token = behaviour_.time.value_or(pace_.first_token);
    text_ = is(Fault::empty) ? "" : is(Fault::whitespace) ? blank_answer : canonical_answer(reply_.question.text);
    tokens_ = tokens_of(text_);
    const std::size_t limit = reply_.question.tokens_max;
    shortened_ = limit > 0 && tokens_.size() > limit;
    if (shortened_) tokens_.resize(limit);
}

Task<Encounter::Outcome> Performance::play() {
    if (auto page = page_instead()) co_return co_await send(std::move(*page));
    switch (behaviour_.fault) {
        case Fault::refuse: co_return Outcome::failed;
        case Fault::reset: responder_.abort(); co_return Outcome::failed;
        case Fault::silence: co_return co_await wait_until_gone();
        case Fault::garbage: {
            const auto written = co_await responder_.write_raw(not_http);
            co_return written ? Outcome::failed : Outcome::left;
        }
        default: break;
    }
    if (!co_await pause(pace_.first_token)) co_return Outcome::left;
    if (reply_.question.stream) co_return co_await stream();
    co_return co_await whole();
}

Task<Encounter::Outcome> Performance::send(Page page) {
    if (auto* entry = log_.find(encounter_)) entry->status = page.status;
    const bool refused = page.status >= 400;
    const auto sent = co_await responder_.respond(page.status, std::move(page.headers), std::move(page.body));
    if (!sent) co_return Outcome::left;
    co_return refused ? Outcome::refused : Outcome::failed;
}

std::optional<Page> Performance::page_instead() const {
    switch (behaviour_.fault) {
        case Fault::status: {
            const int status = static_cast<int>(behaviour_.number);
            Page page = behaviour_.html ? html_page(status) : dialect_.error(status);
            if (behaviour_.time) page.headers.emplace_back("Retry-After", retry_after_seconds(*behaviour_.time));
            return page;
        }
        case Fault::html: return html_page(200);
        case Fault::error_200: {
            Page page = dialect_.error(500);
            page.status = 200;
            return page;
        }
        case Fault::no_content: return Page{.status = 204, .headers = {}, .body = {}};
        case Fault::model_missing: return dialect_.model_missing(reply_.question.model);
        case Fault::busy: return dialect_.busy();
        case Fault::error:
            if (!reply_.question.stream) return dialect_.error(500);
            return std::nullopt;
        default: return std::nullopt;
    }
}

Task<bool> Performance::pause(Nanos duration) {
    if (duration <= Nanos{0}) co_return !responder_.gone().is_set();
    const auto slept = co_await unless(responder_.gone(), nap(env_.scheduler, duration));
    co_return slept.has_value();
}

Task<bool> Performance::write(std::string bytes) {
    if (bytes.empty()) co_return true;
    const auto written = co_await responder_.write(bytes);
    co_return written.has_value();
}

Task<Encounter::Outcome> Performance::wait_until_gone() {
    co_await responder_.gone().wait();
    co_return Outcome::failed;
}

Task<Encounter::Outcome> Performance::stream() {
    if (auto* entry = log_.find(encounter_)) entry->status = 200;
    if (!co_await responder_.start(200, dialect_.stream_headers(reply_))) co_return Outcome::left;
    if (is(Fault::headers)) co_return co_await wait_until_gone();
    if (!co_await write(dialect_.opening(reply_))) co_return Outcome::left;
    if (is(Fault::reasoning) && !co_await think()) co_return Outcome::left;
    const bool breaks = is(Fault::cut) || is(Fault::stall) || is(Fault::error);
    const std::size_t count = breaks ? std::min<std::size_t>(behaviour_.number, tokens_.size()) : tokens_.size();
    for (std::size_t i = 0; i < count; ++i) {
        if (i > 0 && !co_await pause(pace_.between)) co_return Outcome::left;
        std::string token = dialect_.token(reply_, tokens_[i], now());
        const bool half = is(Fault::truncated) && i + 1 == count;
        if (half) token.resize(token.size() / 2);
        if (!co_await write(std::move(token))) co_return Outcome::left;
        if (half) break;
        auto* const entry = log_.find(encounter_);
        if (entry && ++sent_ == 1) entry->first_token_at = entry->at + elapsed(reply_.started.instant, env_.now());
        if (entry) entry->tokens_sent = sent_;
    }
    if (breaks) co_return co_await break_off();
    co_return co_await close_stream();
}

Task<bool> Performance::think() {
    const Instant end = env_.now() + behaviour_.time.value_or(Millis{0});
    while (env_.now() < end) {
        if (!co_await write(dialect_.thought(reply_, thought_text, now()))) co_return false;
        if (!co_await pause(std::min<Nanos>(thought_every, end - env_.now()))) co_return false;
    }
    co_return true;
}

Task<Encounter::Outcome> Performance::break_off() {
    if (is(Fault::stall)) co_return co_await wait_until_gone();
    if (is(Fault::error)) {
        if (!co_await write(dialect_.failure(reply_))) co_return Outcome::left;
        const auto ended = co_await responder_.finish();
        co_return ended ? Outcome::failed : Outcome::left;
    }
    co_return Outcome::failed;
}

Task<Encounter::Outcome> Performance::close_stream() {
    bool told_whole = false;
    if (is(Fault::done_only)) {
        if (!co_await write(dialect_.end_marker())) co_return Outcome::left;
    } else if (!is(Fault::no_finish) && !is(Fault::truncated)) {
        for (auto& chunk : dialect_.closing(reply_, finish(), figures(), now()))
            if (!co_await write(std::move(chunk))) co_return Outcome::left;
        told_whole = !is(Fault::empty) && !is(Fault::whitespace);
    }
    if (!co_await responder_.finish()) co_return Outcome::left;
    co_return told_whole ? Outcome::answered : Outcome::failed;
}

Task<Encounter::Outcome> Performance::whole() {
    if (is(Fault::reasoning) && !co_await pause(behaviour_.time.value_or(Millis{0}))) co_return Outcome::left;
    if (!co_await pause(pace_.between * static_cast<std::int64_t>(tokens_.size()))) co_return Outcome::left;
    sent_ = static_cast<std::int64_t>(tokens_.size());
    const FinishReason reason = finish();
    const bool unfinished = is(Fault::no_finish) || is(Fault::done_only);
    Page page = dialect_.whole(reply_, answer_text(), unfinished ? nullptr : &reason, figures());
    if (is(Fault::headers)) co_return co_await whole_raw(std::move(page), 0);
    const std::size_t half = page.body.size() / 2;
    if (is(Fault::cut) || is(Fault::stall)) co_return co_await whole_raw(std::move(page), half);
    if (is(Fault::truncated)) page.body.resize(half);
    const bool told_whole = !unfinished && !is(Fault::truncated) && !is(Fault::empty) && !is(Fault::whitespace);
    if (auto* entry = log_.find(encounter_)) entry->tokens_sent = sent_;
    const Outcome outcome = co_await send(std::move(page));
    co_return outcome == Outcome::left ? outcome : told_whole ? Outcome::answered : Outcome::failed;
}

/// The head promises the whole body, but only its first bytes come.
Task<Encounter::Outcome> Performance::whole_raw(Page page, std::size_t body_bytes) {
    std::string bytes = "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(page.body.size()) + "\r\n";
    for (const auto& [name, value] : page.headers) bytes += name + ": " + value + "\r\n";
    bytes += "\r\n" + page.body.substr(0, body_bytes);
    if (auto* entry = log_.find(encounter_)) entry->status = page.status;
    if (!co_await responder_.write_raw(bytes)) co_return Outcome::left;
    if (is(Fault::cut)) co_return Outcome::failed;
    co_return co_await wait_until_gone();
}

std::string_view Performance::answer_text() const {
    if (tokens_.empty()) return {};
    return std::string_view(text_).substr(0, static_cast<std::size_t>(tokens_.back().end() - text_.data()));
}

Figures Performance::figures() const {
    return {.output_tokens = sent_,
            .took = env_.now() - reply_.started.instant,
            .loading = is(Fault::cold) ? Nanos{pace_.first_token} : Nanos{0}};
}

FinishReason Performance::finish() const { return shortened_ ? FinishReason::length : FinishReason::stop; }

}  // namespace evenkeel::practice

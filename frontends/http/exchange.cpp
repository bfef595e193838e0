#include "frontends/http/exchange.hpp"

#include <utility>

#include "frontends/http/error_reply.hpp"
#include "frontends/http/gateway.hpp"

namespace evenkeel {
namespace {

/// Names of models come from outside: what could end the line is left out.
void append_value(std::string& fields, std::string_view value) {
    for (const char c : value)
        if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) fields += c;
    fields += "\r\n";
}

}  // namespace

Exchange::Exchange(Gateway& of, const HttpIncoming& incoming, HttpResponder& to, Dialect speaks)
    : gateway(of), request(incoming), responder(to), dialect(speaks), began(of.env().now()) {
    call.id = of.next_id();
    call.deadline = began + of.options().deadline;
    call.attempts_max = of.options().attempts_max;
}

Exchange::~Exchange() {
    if (admission && !kept && !call.attempts.empty()) admission->charge(call.attempts);
    if (gateway.log_ != nullptr) gateway.log_->record(*this);
}

FieldLines Exchange::fields(std::string_view more, std::string_view also) const {
    std::string& all = gateway.fields_;
    all = "x-request-id: ";
    append(all, call.id);
    all += "\r\n";
    if (const Attempt* answered = winner()) {
        all += "x-evenkeel-provider: ";
        append_value(all, answered->provider);
        all += "x-evenkeel-model: ";
        append_value(all, answered->model);
        std::size_t tries = 0;
        for (const Attempt& attempt : call.attempts) tries += attempt.outcome != Attempt::Outcome::skipped ? 1 : 0;
        all += "x-evenkeel-attempts: ";
        all += std::to_string(tries);  // Short enough for the string itself.
        all += "\r\n";
        if (is_degraded()) all += "x-evenkeel-degraded: true\r\n";
    }
    all += more_fields;
    all += more;
    all += also;
    return FieldLines{all};
}

bool Exchange::is_degraded() const noexcept {
    const Attempt* answered = winner();
    return answered != nullptr && call.only.empty() && answered->provider != gateway.first_provider();
}

Task<Result<void>> Exchange::answer(int http_status, std::string_view content_type, std::string_view text) {
    status = http_status;
    bytes_out += text.size();
    const std::string type = "Content-Type: " + std::string(content_type) + "\r\n";
    co_return co_await responder.answer(http_status, fields(type), text);
}

Task<Result<void>> Exchange::answer_json(int http_status, std::string_view json) {
    status = http_status;
    bytes_out += json.size();
    co_return co_await responder.answer(http_status, fields("Content-Type: application/json\r\n"), json);
}

Task<Result<void>> Exchange::refuse(Error why) {
    // The budget is spent and there is nobody who costs nothing: then it is the budget that refuses.
    if (admission && admission->local_only() && why.code == "no_local_provider") why = admission->quota_error();
    error = std::move(why);
    const ErrorReply reply = error_reply(dialect, *error);
    status = reply.status;
    bytes_out += reply.body.size();
    const FieldLines lines = fields("Content-Type: application/json\r\n", reply.fields);
    co_return co_await responder.answer(reply.status, lines, reply.body);
}

}  // namespace evenkeel

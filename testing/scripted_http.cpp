#include "testing/scripted_http.hpp"

#include <utility>

#include "core/text.hpp"

namespace evenkeel::testing {

HttpScript& HttpScript::header(std::string name, std::string value) {
    headers_.emplace_back(std::move(name), std::move(value));
    return *this;
}
HttpScript& HttpScript::wait(Nanos duration) {
    steps_.push_back({.kind = Step::Kind::wait, .duration = duration});
    return *this;
}
HttpScript& HttpScript::bytes(std::string piece) {
    if (!piece.empty()) steps_.push_back({.kind = Step::Kind::bytes, .piece = std::move(piece)});
    return *this;
}
HttpScript& HttpScript::cut() {
    steps_.push_back({.kind = Step::Kind::cut});
    return *this;
}
HttpScript& HttpScript::hang() {
    steps_.push_back({.kind = Step::Kind::hang});
    return *this;
}
HttpScript& HttpScript::refuse(Error error) {
    steps_.push_back({.kind = Step::Kind::refuse, .error = std::move(error)});
    return *this;
}

HttpScript replying(int status, std::string body) { return HttpScript(status).bytes(std::move(body)); }

HttpScript replying_in_pieces(std::string_view body, std::size_t size) {
    HttpScript script;
    for (; !body.empty(); body.remove_prefix(std::min(size, body.size())))
        script.bytes(std::string(body.substr(0, size)));
    return script;
}

HttpScript replying_split(std::string_view body, std::size_t at) {
    return HttpScript().bytes(std::string(body.substr(0, at))).bytes(std::string(body.substr(at)));
}

class ScriptedHttpReply final : public HttpReply {
public:
    ScriptedHttpReply(ScriptedHttp& http, HttpScript script)
        : http_(http), script_(std::move(script)), never_(http.env_.scheduler) {
        ++http_.replies_open;
    }
    ~ScriptedHttpReply() override { --http_.replies_open; }

    int status() const noexcept override { return script_.status_; }
    std::string_view header(std::string_view name) const noexcept override {
        for (const auto& [field, value] : script_.headers_)
            if (equals_ignoring_case(field, name)) return value;
        return {};
    }

    Task<Result<std::string_view>> read() override {
        using Kind = HttpScript::Step::Kind;
        piece_.reset();
        while (at_ < script_.steps_.size()) {
            const HttpScript::Step& step = script_.steps_[at_++];
            if (step.kind == Kind::wait) co_await sleep_for(http_.env_.scheduler, step.duration);
            if (step.kind == Kind::hang) co_await never_.wait();
            if (step.kind == Kind::cut)
                co_return provider_fault(ErrorClass::transient, Scope::provider, "connection reset", "reset");
            if (step.kind == Kind::bytes) {
                // A fresh copy each time, so that a view kept too long is seen by the sanitizer.
                piece_ = std::make_unique<std::string>(step.piece);
                co_return std::string_view(*piece_);
            }
        }
        ++http_.bodies_ended;
        co_return std::string_view();
    }

    /// What stands before the head: waits, and a refusal.
    Task<Result<bool>> begin() {
        using Kind = HttpScript::Step::Kind;
        while (at_ < script_.steps_.size() && script_.steps_[at_].kind != Kind::bytes) {
            const HttpScript::Step& step = script_.steps_[at_++];
            if (step.kind == Kind::wait) co_await sleep_for(http_.env_.scheduler, step.duration);
            if (step.kind == Kind::hang) co_await never_.wait();
            if (step.kind == Kind::refuse) co_return fail(step.error);
            if (step.kind == Kind::cut)
                co_return provider_fault(ErrorClass::transient, Scope::provider, "connection reset", "reset");
        }
        co_return true;
    }

private:
    ScriptedHttp& http_;
    HttpScript script_;
    Event never_;
    std::size_t at_ = 0;
    std::unique_ptr<std::string> piece_;
};

ScriptedHttp& ScriptedHttp::then(HttpScript script) {
    scripts_.push_back(std::move(script));
    return *this;
}

ScriptedHttp& ScriptedHttp::at(std::string target, HttpScript script) {
    by_target_.insert_or_assign(std::move(target), std::move(script));
    return *this;
}

Task<Result<std::unique_ptr<HttpReply>>> ScriptedHttp::send(HttpRequest request) {
    requests.push_back(std::move(request));
    if (const HttpRequest* const like = std::exchange(requests.back().like, nullptr)) {
        requests.back().method = like->method;
        requests.back().target = like->target;
        requests.back().headers = like->headers;
    }
    for (const std::string_view piece : requests.back().pieces) requests.back().body += piece;
    requests.back().pieces = {};
    HttpScript script(503);
    if (const auto fixed = by_target_.find(requests.back().target); fixed != by_target_.end()) {
        script = fixed->second;
    } else if (!scripts_.empty()) {
        script = std::move(scripts_.front());
        scripts_.pop_front();
    }
    auto reply = std::make_unique<ScriptedHttpReply>(*this, std::move(script));
    if (auto begun = co_await reply->begin(); !begun) co_return fail(std::move(begun.error()));
    co_return reply;
}

}  // namespace evenkeel::testing

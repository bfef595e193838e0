#include "llm/running_attempt.hpp"

#include <utility>

namespace evenkeel {

RunningAttempt::RunningAttempt(Env env, Call& call, std::string provider, std::string model)
    : env_(env), call_(&call), index_(call.attempts.size()), started_(env.now()) {
    call.attempts.push_back(Attempt{.provider = std::move(provider), .model = std::move(model), .probe = call.probe});
    call.reasoning_since.reset();
    tell(Progress::Kind::asking);
}

RunningAttempt::RunningAttempt(RunningAttempt&& other) noexcept
    : env_(other.env_),
      call_(std::exchange(other.call_, nullptr)),
      index_(other.index_),
      started_(other.started_),
      closed_(other.closed_) {}

RunningAttempt::~RunningAttempt() {
    if (call_ != nullptr && !closed_) close(Attempt::Outcome::cancelled);
}

void RunningAttempt::saw_content() {
    if (!has_content()) record().first_content_after = elapsed(started_, env_.now());
}

void RunningAttempt::saw_reasoning() {
    if (call_->reasoning_since) return;
    call_->reasoning_since = env_.now();
    tell(Progress::Kind::reasoning);
}

void RunningAttempt::saw_loading() { tell(Progress::Kind::loading); }

void RunningAttempt::answered() { close(Attempt::Outcome::answered); }

std::unexpected<Error> RunningAttempt::failed(Error error) {
    record().error = error;
    close(has_content() ? Attempt::Outcome::cut : Attempt::Outcome::failed);
    return fail(std::move(error));
}

void RunningAttempt::close(Attempt::Outcome outcome) {
    record().outcome = outcome;
    record().took = elapsed(started_, env_.now());
    closed_ = true;
}

void RunningAttempt::tell(Progress::Kind kind) const {
    if (!call_->on_progress) return;
    const Attempt& attempt = call_->attempts[index_];
    call_->on_progress(Progress{.kind = kind, .provider = attempt.provider, .model = attempt.model});
}

}  // namespace evenkeel

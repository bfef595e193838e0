#include "resilience/prefill.hpp"

#include <iterator>
#include <optional>
#include <utility>

namespace evenkeel {
namespace {

constexpr std::uint32_t probe_tokens = 6;

/// Of a reply its text, as far as it came.
Task<Result<std::string>> text_of(Provider& lane, const ChatRequest& request, Call& call) {
    auto opened = co_await lane.open(request, call);
    if (!opened) co_return fail(std::move(opened.error()));
    std::string text;
    for (bool end = false; !end;) {
        const auto batch = co_await (*opened)->next();
        if (!batch) co_return fail(batch.error());
        for (const ReplyEvent& event : batch->events)
            if (event.kind == ReplyEvent::Kind::content) text += event.text;
        end = batch->end;
    }
    co_return text;
}

}  // namespace

ChatRequest Prefill::question(std::string model) {
    return {.model = std::move(model),
            .turns = {{.role = Role::user, .text = "Write the numbers from one to ten as words, in one line."},
                      {.role = Role::assistant, .text = "one two three four five"}},
            .max_tokens = probe_tokens,
            .temperature = 0.0};
}

bool Prefill::goes_on(std::string_view text) noexcept {
    // Without the blank it would be a model that begins anew, or a server that drops blanks and would join words.
    return text.starts_with(" six");
}

Task<bool> Prefill::works(std::string model, Call& call) {
    if (mode_ != PrefillMode::automatic) co_return mode_ == PrefillMode::yes;
    while (asking_ && !known_.contains(model)) co_await changed_.wait();
    if (!known_.contains(model)) co_await learn(model, call);
    const auto found = known_.find(model);
    co_return found != known_.end() && found->second;
}

Task<void> Prefill::learn(std::string model, Call& call) {
    struct Asking {
        explicit Asking(Prefill& prefill) : self(prefill) { self.asking_ = true; }
        ~Asking() {
            self.asking_ = false;
            self.changed_.pulse();
        }
        Asking(const Asking&) = delete;
        Asking& operator=(const Asking&) = delete;
        Prefill& self;
    } const asking(*this);
    const ChatRequest request = question(model);
    Call probe{.deadline = sooner(call.deadline, env_.now() + probe_max), .attempts_max = 1};
    probe.local_only = call.local_only;
    probe.others_left = true;  // It is not worth waiting for.
    const auto text = co_await until(env_.scheduler, probe.deadline, text_of(*lane_, request, probe));
    for (Attempt& attempt : probe.attempts) attempt.probe = true;
    call.attempts.insert(call.attempts.end(), std::make_move_iterator(probe.attempts.begin()),
                         std::make_move_iterator(probe.attempts.end()));
    if (text && *text) remember(std::move(model), goes_on(**text));
}

void Prefill::remember(std::string model, bool works) {
    if (known_.size() < models_max || known_.contains(model)) known_[std::move(model)] = works;
}

}  // namespace evenkeel

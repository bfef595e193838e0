#pragma once
#include <optional>
#include <string_view>

#include "core/env.hpp"
#include "core/task.hpp"
#include "net/http_server.hpp"
#include "practice/behaviour.hpp"
#include "practice/dialect.hpp"
#include "practice/practice_log.hpp"

namespace evenkeel::practice {

/// How fast a provider talks.
struct Pace {
    Millis first_token{20};
    Millis between{15};
};

/// One chat request, answered as its behaviour says. Lives as long as the request's handler.
class Performance {
public:
    /// `encounter` is that number in `log`; `dialect`, `log` and `responder` outlive this.
    Performance(Env env, const Dialect& dialect, Pace pace, Behaviour behaviour, Reply reply, PracticeLog& log,
                std::uint64_t encounter, HttpResponder& responder);
    /// Plays it to its end. Where the behaviour wants the connection cut, it returns without ending the reply.
    Task<Encounter::Outcome> play();
    /// Sends one page instead of an answer.
    Task<Encounter::Outcome> send(Page page);

private:
    using Outcome = Encounter::Outcome;
    std::optional<Page> page_instead() const;
    Task<bool> pause(Nanos duration);
    Task<bool> write(std::string bytes);
    Task<Outcome> wait_until_gone();
    Task<Outcome> stream();
    Task<bool> think();
    Task<Outcome> break_off();
    Task<Outcome> close_stream();
    Task<Outcome> whole();
    Task<Outcome> whole_raw(Page page, std::size_t body_bytes);
    std::string_view answer_text() const;
    Figures figures() const;
    FinishReason finish() const;
    Moment now() const noexcept { return {env_.wall(), env_.now()}; }
    bool is(Fault fault) const noexcept { return behaviour_.fault == fault; }

    Env env_;
    const Dialect& dialect_;
    Pace pace_;
    Behaviour behaviour_;
    Reply reply_;
    PracticeLog& log_;
    std::uint64_t encounter_;
    HttpResponder& responder_;
    std::string text_;
    std::vector<std::string_view> tokens_;  ///< Into text_.
    bool shortened_ = false;                ///< The caller's limit cut it: finish reason "length".
    std::int64_t sent_ = 0;
};

}  // namespace evenkeel::practice

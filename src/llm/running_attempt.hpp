#pragma once
#include <cstddef>
#include <string>

#include "core/env.hpp"
#include "llm/provider.hpp"

namespace evenkeel {

/// The record of one try in Call::attempts while it runs. Appended as `running`; closed exactly once: as answered, as
/// failed (before the first content) or cut (after it), and by the destructor as cancelled where nobody said otherwise.
/// It tells Call::on_progress what a surface may show meanwhile. The call outlives it.
class RunningAttempt {
public:
    /// Starts the clock of this try, forgets an earlier try's `reasoning_since`, and tells that `provider` is asked.
    RunningAttempt(Env env, Call& call, std::string provider, std::string model);
    ~RunningAttempt();
    RunningAttempt(RunningAttempt&& other) noexcept;
    RunningAttempt& operator=(RunningAttempt&&) = delete;

    std::size_t index() const noexcept { return index_; }
    /// Valid until the next try is appended.
    Attempt& record() noexcept { return call_->attempts[index_]; }
    bool has_content() const noexcept { return call_->attempts[index_].first_content_after.has_value(); }

    /// Each may be called for every delta; only the first counts.
    void saw_content();
    void saw_reasoning();
    /// A local model is being loaded.
    void saw_loading();

    void answered();
    /// Keeps a copy of `error` in the record and gives it back, ready to be returned.
    std::unexpected<Error> failed(Error error);

private:
    void close(Attempt::Outcome outcome);
    void tell(Progress::Kind kind) const;
    Env env_;
    Call* call_;  ///< Null once moved from.
    std::size_t index_;
    Instant started_;
    bool closed_ = false;
};

}  // namespace evenkeel

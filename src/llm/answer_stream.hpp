#pragma once
#include <memory>
#include <optional>
#include <string>

#include "core/pool.hpp"
#include "llm/context_fit.hpp"
#include "llm/error_body.hpp"
#include "llm/provider.hpp"
#include "llm/provider_options.hpp"
#include "llm/reply_reader.hpp"
#include "llm/running_attempt.hpp"
#include "llm/token_estimator.hpp"
#include "llm/whole_events.hpp"
#include "net/http_client.hpp"

namespace evenkeel {

/// What both adapters keep for all their calls.
struct Upstreamed {
    Env env;
    ProviderOptions options;
    std::unique_ptr<HttpSender> sender;
    TokenEstimator estimator;
};

/// One try at one upstream, whatever its dialect: sends the request, reads status and body, lets the reader understand
/// it and the judge decide, and keeps the try's record with its figures. Dropping it closes the connection, which is
/// the only way to cancel that upstreams know.
class AnswerStream final : public ReplyStream, public Pooled {
public:
    /// After a finish reason, how long the usage, the end marker or the body's end may take. The answer is whole
    /// without them; a server that keeps the connection open must not hold it up.
    static constexpr Millis after_finish_max{2'000};
    /// After the end marker, how long the body's end may take, so that the connection can be used again.
    static constexpr Millis body_end_max{5};
    /// A refusal's body: what is read of it, and for how long. The status alone says most.
    static constexpr std::size_t refusal_bytes_max = 64 * 1024;
    static constexpr Millis refusal_max{1'000};
    /// The wire bytes that may come before the next event: reasoning before the first content, comments in between.
    static constexpr std::size_t held_bytes_max = 16 * 1024 * 1024;

    AnswerStream(Upstreamed& upstream, const ChatRequest& request, Call& call, const ContextFit& fit,
                 std::unique_ptr<ReplyReader> reader);
    ~AnswerStream() override;

    /// Sends, and reads up to the first content; `request` lives until then. Errors: as Provider::open.
    Task<Result<void>> start(HttpRequest request);
    /// The caller did not ask for the usage that we did: the chunk that holds it is kept from the wire.
    void hide_usage() noexcept { whole_events_.hide_usage(); }
    Task<Result<Batch>> next() override;
    std::size_t attempt() const noexcept override { return attempt_.index(); }

    RunningAttempt& running() noexcept { return attempt_; }
    /// What the provider said where it refused with a status; for the adapter that can mend its request.
    const std::optional<ErrorBody>& refusal() const noexcept { return refusal_; }

private:
    Task<Result<Batch>> advance();
    /// One receive. True: the reply has ended, well or not.
    Task<Result<bool>> receive();
    /// What comes within `patience`; empty: nothing did.
    Task<std::optional<Result<std::string_view>>> read_rest(Millis patience);
    Task<Error> refused();
    Result<Batch> conclude();
    Batch batch(std::string_view wire, bool end);
    void hold_bytes();
    void settle_figures();
    bool may_end() const noexcept;
    std::unexpected<Error> failed(Error error);

    Upstreamed& upstream_;
    const ChatRequest& request_;
    std::size_t input_bytes_, input_turns_;
    std::int64_t input_estimate_;
    RunningAttempt attempt_;
    std::unique_ptr<ReplyReader> reader_;
    std::unique_ptr<HttpReply> reply_;
    std::optional<Batch> first_;
    std::optional<ErrorBody> refusal_;
    WholeEvents whole_events_;
    Facts ending_;            ///< How the body ended.
    PoolString wire_;         ///< What was received since the last batch, where that was more than one receive.
    std::string_view bytes_;  ///< The last receive.
    int status_ = 0;
    bool waiting_ = false;  ///< The request is out and nothing has come back.
    bool closed_ = false;
};

}  // namespace evenkeel

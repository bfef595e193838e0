#pragma once
#include <memory>
#include <optional>
#include <string>

#include "chat/options.hpp"
#include "chat/room.hpp"
#include "chat/route_health.hpp"
#include "chat/steady_wall.hpp"
#include "chat/transcript.hpp"
#include "core/env.hpp"
#include "llm/caller_body.hpp"
#include "llm/provider.hpp"
#include "store/async_store.hpp"

namespace evenkeel {

/// What works a turn needs; all of it outlives every worker.
struct Workshop {
    Env env;
    AsyncStore& store;
    Provider& route;
    RouteHealth& health;
    const ChatOptions& options;
    const SteadyWall& wall;
};

/// How one claim ended.
struct TurnEnd {
    enum class How : std::uint8_t {
        answered,  ///< Kept, and in the outbox until its surface says that it was shown.
        requeued,
        buried,  ///< Refused or dead; the notice is in the outbox.
        cancelled,
        lost,  ///< The lease is gone, or the store is: the row tells what became of it.
    };
    How how = How::lost;
    std::optional<Error> error;
};

/// Works one claimed question to an end: builds its context (of a call: hands on the program's own body), asks the
/// route, speaks into the room, keeps the lease alive, and completes, releases or buries it. The same for a live and
/// for a queued question. Every write carries the lease: one that lost it changes nothing and falls silent. Dropping
/// run() drops the provider's stream; the row stays claimed until its lease ends. Outlives its run(). One loop.
class TurnWorker {
public:
    /// `probe`: passes an open breaker's gate, on behalf of the queue.
    TurnWorker(Workshop shop, Lease lease, std::shared_ptr<Room> room, bool probe);
    ~TurnWorker();
    TurnWorker(const TurnWorker&) = delete;
    TurnWorker& operator=(const TurnWorker&) = delete;

    Task<TurnEnd> run();
    /// Its asker takes it back: the provider's stream is dropped, the partial text kept. Too late once the answer is
    /// whole.
    void stop() { stop_.set(); }
    /// This process ends: the question goes back to the queue, due at once, and no crash is counted.
    void hand_back() {
        handing_back_ = true;
        stop_.set();
    }
    const Lease& lease() const noexcept { return lease_; }

private:
    Task<Result<void>> work();
    Task<Result<void>> answer();
    Task<Error> keep_lease();
    Task<Result<void>> prepare();
    Result<void> prepare_call();
    bool is_call() const noexcept { return !lease_.message.body.empty(); }
    Task<Result<void>> listen();
    Task<Result<void>> read(ReplyStream& stream);
    Result<void> take(const Batch& batch);
    Result<void> take_piece(const ReplyEvent& event);
    void begin_transcript();
    std::string said() const;
    Transcript::Source source_of(std::size_t attempt) const;
    Result<void> judge(std::size_t attempt);

    Task<TurnEnd> complete();
    Task<TurnEnd> settle(Error error);
    Task<TurnEnd> hand_over();
    Task<TurnEnd> requeue(Error error, Millis wait);
    Task<TurnEnd> bury(JobState end, Error error, std::string notice);
    Task<TurnEnd> take_back();
    TurnEnd lost(const Error& error, std::string_view doing);
    Task<Result<void>> keep_partial();

    Answer figures(const Attempt& answered) const;
    bool is_degraded(const Attempt& answered) const;
    void count_tries();
    Room* floor() const noexcept;
    void strike(const std::string& why);
    void tell(const Progress& progress);
    bool route_down() const;

    Workshop shop_;
    Lease lease_;
    std::shared_ptr<Room> room_;
    std::optional<CallerBody> body_;  ///< Of a call; views the lease's message.
    ChatRequest request_;
    Call call_;
    std::shared_ptr<Transcript> transcript_;  ///< Of a call: what the running try has said.
    std::int64_t beginnings_ = 0;             ///< Transcripts of this claim that a watcher may have heard.
    std::string text_;                        ///< Of the running try.
    std::string partial_;                     ///< What the longest try that broke had said.
    bool handing_back_ = false;
    std::optional<FinishReason> finish_;
    std::optional<WallTime> first_content_;
    std::optional<std::size_t> cut_attempt_;  ///< The try that broke after its first content.
    Answer answer_;
    Event stop_;
};

}  // namespace evenkeel

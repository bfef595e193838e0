#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chat/desk.hpp"
#include "core/async.hpp"

namespace evenkeel {

/// What is to be told of one question: its present state, never a list of past events, so that a slow watcher costs
/// nothing but its place in the text. Whoever works the question speaks into it; each TurnStream reads it at its own
/// pace. Shared between the engine and its watchers, so that a stream survives the engine and then says so. One loop.
class Room : public std::enable_shared_from_this<Room> {
public:
    Room(Scheduler& scheduler, Id id, std::string conversation);

    const Id& id() const noexcept { return id_; }
    const std::string& conversation() const noexcept { return conversation_; }

    void progress(std::string line);
    /// More of the answer.
    void say(std::string_view text);
    /// The answer to a call, which grows while somebody works it; told again after each piece that was added.
    void say(std::shared_ptr<const Transcript> transcript);
    /// What was said is void.
    void restart(std::string why);
    void queued(std::int64_t position, std::string why, std::optional<Millis> eta, std::optional<Error> error);
    /// `event` is an end event other than queued; nothing follows.
    void end(TurnEvent event);
    /// The engine goes away: every watcher gets `error` once it has read what there is.
    void close(Error error);

    const std::string& text() const noexcept { return text_; }
    bool ended() const noexcept { return end_.has_value(); }
    /// When some watcher was given the end; nothing before.
    std::optional<Instant> told_at() const noexcept { return told_at_; }
    std::size_t watchers() const noexcept { return watching_.size(); }

    std::unique_ptr<TurnStream> watch(std::int64_t position);

    /// Runs when a watcher leaves, also from its destructor: it must only set an event.
    std::function<void()> on_left;
    const void* worker = nullptr;  ///< Who holds its lease and has the word; null: nobody here.

private:
    class Watch;
    std::optional<TurnEvent> next_for(Watch& watch);
    TurnEvent event(TurnEvent::Kind kind, std::string text = {}) const;
    void tell(TurnEvent news);

    Scheduler& scheduler_;
    Id id_;
    std::string conversation_;
    std::string text_;
    std::shared_ptr<const Transcript> transcript_;  ///< Of a call, instead of text; null: nothing was said yet.
    std::string restart_why_;
    std::uint64_t restarts_ = 0;
    TurnEvent news_;  ///< The latest progress or queued event: an older one is of no use to anybody.
    std::uint64_t news_count_ = 0;
    std::optional<TurnEvent> end_;
    std::optional<Error> closed_;
    std::optional<Instant> told_at_;
    std::vector<Watch*> watching_;
    Event changed_;
};

}  // namespace evenkeel

#include "chat/room.hpp"

#include <algorithm>

namespace evenkeel {

/// One reader and its place in the room.
class Room::Watch final : public TurnStream {
public:
    Watch(std::shared_ptr<Room> room, std::int64_t at) : position(at), room_(std::move(room)) {
        room_->watching_.push_back(this);
    }
    ~Watch() override {
        std::erase(room_->watching_, this);
        if (room_->on_left) room_->on_left();
    }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    Task<Result<std::optional<TurnEvent>>> next() override {
        for (;;) {
            if (auto event = room_->next_for(*this)) co_return event;
            if (ended) co_return std::nullopt;
            if (room_->closed_) co_return fail(*room_->closed_);
            co_await room_->changed_.wait();
        }
    }

    std::int64_t position;
    bool accepted = false, ended = false;
    std::size_t read = 0;  ///< Bytes of the room's text, or pieces of its transcript.
    std::uint64_t restarts = 0, news = 0;

private:
    std::shared_ptr<Room> room_;
};

Room::Room(Scheduler& scheduler, Id id, std::string conversation)
    : scheduler_(scheduler), id_(id), conversation_(std::move(conversation)), changed_(scheduler) {}

TurnEvent Room::event(TurnEvent::Kind kind, std::string text) const {
    return TurnEvent{.kind = kind, .id = id_, .text = std::move(text)};
}

void Room::tell(TurnEvent news) {
    if (end_) return;
    news_ = std::move(news);
    ++news_count_;
    changed_.pulse();
}

void Room::progress(std::string line) { tell(event(TurnEvent::Kind::progress, std::move(line))); }

void Room::queued(std::int64_t position, std::string why, std::optional<Millis> eta, std::optional<Error> error) {
    auto news = event(TurnEvent::Kind::queued, std::move(why));
    news.position = position;
    news.eta = eta;
    news.error = std::move(error);
    tell(std::move(news));
}

void Room::say(std::string_view text) {
    if (end_) return;
    text_ += text;
    changed_.pulse();
}

void Room::say(std::shared_ptr<const Transcript> transcript) {
    if (end_) return;
    transcript_ = std::move(transcript);
    changed_.pulse();
}

void Room::restart(std::string why) {
    if (end_ || (text_.empty() && !transcript_)) return;
    text_.clear();
    transcript_.reset();
    restart_why_ = std::move(why);
    ++restarts_;
    changed_.pulse();
}

void Room::end(TurnEvent event) {
    if (end_) return;
    event.id = id_;
    // The whole answer may be other than what was streamed here: another process may have given it.
    if (event.answer && !event.answer->pieces.empty()) {
        auto whole = std::make_shared<const Transcript>(Transcript::of(*event.answer));
        const bool same =
            transcript_ && transcript_->beginning() == whole->beginning() && transcript_->size() == whole->size();
        if (!same) {
            restart("answered elsewhere");
            transcript_ = std::move(whole);
        }
    } else if (event.answer && event.answer->text != text_) {
        restart("answered elsewhere");
        text_ = event.answer->text;
    }
    end_ = std::move(event);
    changed_.pulse();
}

void Room::close(Error error) {
    on_left = nullptr;
    closed_ = std::move(error);
    changed_.pulse();
}

std::unique_ptr<TurnStream> Room::watch(std::int64_t position) {
    return std::make_unique<Watch>(shared_from_this(), position);
}

std::optional<TurnEvent> Room::next_for(Watch& watch) {
    if (watch.ended) return std::nullopt;
    if (!std::exchange(watch.accepted, true)) {
        watch.restarts = restarts_;
        auto first = event(TurnEvent::Kind::accepted);
        first.position = watch.position;
        return first;
    }
    if (std::exchange(watch.restarts, restarts_) != restarts_ && std::exchange(watch.read, 0) > 0)
        return event(TurnEvent::Kind::restarted, restart_why_);
    if (transcript_ && watch.read < transcript_->size()) {
        watch.news = news_count_;
        auto delta = event(TurnEvent::Kind::delta);
        delta.beginning = transcript_->beginning();
        delta.provider = transcript_->source.provider;
        delta.model = transcript_->source.model;
        delta.tries = transcript_->source.tries;
        while (watch.read < transcript_->size()) delta.pieces.push_back(transcript_->at(watch.read++));
        return delta;
    }
    if (!transcript_ && watch.read < text_.size()) {
        watch.news = news_count_;
        return event(TurnEvent::Kind::delta, text_.substr(std::exchange(watch.read, text_.size())));
    }
    if (end_) {
        watch.ended = true;
        told_at_ = scheduler_.now();
        return end_;
    }
    if (std::exchange(watch.news, news_count_) != news_count_) return news_;
    return std::nullopt;
}

}  // namespace evenkeel

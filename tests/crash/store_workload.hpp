#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/ids.hpp"
#include "store/sqlite_engine.hpp"
#include "testing/recording_disk.hpp"
#include "testing/scratch_directory.hpp"
#include "testing/sim.hpp"
#include "tests/crash/store_state.hpp"

namespace evenkeel::testing {

/// A seeded client of one store, which remembers after every act what it was told. The acts run one after the other,
/// so a store that loses power is in the state after the last act that was acknowledged, or after the one under way.
class StoreWorkload {
public:
    struct Act {
        std::string name;
        std::size_t begun_at = 0, done_at = 0;  ///< Records of the disk before it, and when it was acknowledged.
        StoreState after;
        std::vector<Lease> leases;  ///< Held after it; all void after a crash.
    };

    StoreWorkload(std::uint64_t seed, RecordingDisk::Lie lie) : sim_(seed), disk_(lie) {}

    /// Runs it whole. An empty text, or what went wrong without any crash.
    std::string run(int acts) {
        act("open", [this] { return open(); });
        for (int i = 0; i < acts && wrong_.empty(); ++i) any_act();
        act("close", [this] {
            engine_.reset();
            return true;
        });
        return wrong_;
    }

    const RecordingDisk& disk() const noexcept { return disk_; }
    const std::vector<Act>& acts() const noexcept { return acts_; }
    const std::vector<Inbound>& sent() const noexcept { return sent_; }
    WallTime now() const noexcept { return now_; }
    /// What a program's call holds beside its line of text.
    static std::string body_of(const std::string& text) { return "{\"body of\":\"" + text + "\"}"; }
    static Answer reply(const Lease& lease) {
        return {.text = "The answer to " + lease.message.text,
                .provider = "cloud",
                .model = "m",
                .attempts = {Attempt{.provider = "cloud", .model = "m", .outcome = Attempt::Outcome::answered}}};
    }

private:
    bool open() {
        // Small, so that checkpoints and a log that begins anew come often.
        auto opened = open_sqlite({.file = directory_.file("store.db"), .log_bytes_max = 50'000, .disk = &disk_}, now_);
        if (!opened) return false;
        engine_ = std::move(*opened);
        leases_.clear();
        return true;
    }

    template <class Do>
    void act(std::string name, Do perform) {
        Act act{.name = std::move(name), .begun_at = disk_.size()};
        bool fine = perform();
        if (engine_) fine = engine_->checkpoint().has_value() && fine;  // As the store's thread does after each group.
        act.done_at = disk_.size();
        if (!fine) wrong_ = act.name + " failed without a crash";
        if (engine_) {
            auto state = state_of(*engine_);
            if (!state) wrong_ = describe(state.error());
            if (state) act.after = std::move(*state);
            // A look may not write; should it, the act would not end where it says.
            if (disk_.size() != act.done_at) wrong_ = "a look at the store wrote to the disk";
        } else if (!acts_.empty()) {
            act.after = acts_.back().after;
        }
        act.leases = leases_;
        acts_.push_back(std::move(act));
    }

    std::uint64_t below(std::uint64_t limit) { return sim_.random.bits() % limit; }

    void any_act() {
        now_ += Millis{static_cast<int>(below(20'000))};
        switch (below(20)) {
            case 0:
            case 1:
            case 2: return act("accept", [this] { return accept(); });
            case 3:
            case 4: return act("accept a group", [this] { return group(2 + below(3)); });
            case 5:
            case 6:
            case 7: return act("claim", [this] { return claim(); });
            case 8: return act("extend", [this] { return extend(); });
            case 9:
            case 10:
            case 11: return act("complete", [this] { return complete(); });
            case 12: return act("release", [this] { return release(); });
            case 13: return act("bury", [this] { return bury(); });
            case 14: return act("show", [this] { return show(); });
            case 15: return act("cancel or retry", [this] { return cancel_or_retry(); });
            case 16:
            case 17: return act("remember", [this] { return remember(); });
            case 18: return act("forget or expire", [this] { return forget_or_expire(); });
            default:
                return act("restart", [this] {
                    engine_.reset();
                    return open();
                });
        }
    }

    Inbound message() {
        Inbound message{.user = "u" + std::to_string(below(2)),
                        .conversation = "c" + std::to_string(below(4)),
                        .idempotency_key = "k" + std::to_string(sent_.size()),
                        .text = "question " + std::to_string(sent_.size()),
                        .ttl = std::chrono::hours{1 + 30 * below(4)}};
        if (below(5) == 0) message.text += std::string(below(9'000), 'x');
        if (below(5) == 0) {
            message.body = body_of(message.text);
            message.dialect = "openai";
            message.record = "{}";
        }
        sent_.push_back(message);
        return message;
    }

    bool accept() { return engine_->queue().accept(message(), ids_.next(), now_).has_value(); }

    bool group(std::uint64_t members) {
        if (!engine_->begin_group()) return false;
        bool fine = true;
        for (std::uint64_t i = 0; i < members; ++i) fine = accept() && fine;
        if (!leases_.empty()) fine = complete() && fine;
        return engine_->commit_group().has_value() && fine;
    }

    bool claim() {
        auto leases = engine_->queue().claim({.jobs_max = 1 + below(3), .lease_for = std::chrono::hours{99}}, now_);
        if (!leases) return false;
        leases_.insert(leases_.end(), leases->begin(), leases->end());
        return true;
    }

    /// Takes one of the leases that are held.
    std::optional<Lease> any_lease() {
        if (leases_.empty()) return std::nullopt;
        const auto at = leases_.begin() + static_cast<std::ptrdiff_t>(below(leases_.size()));
        Lease lease = std::move(*at);
        leases_.erase(at);
        return lease;
    }

    bool extend() {
        if (leases_.empty()) return true;
        const Lease& lease = leases_[below(leases_.size())];
        return engine_->queue()
            .extend(lease, std::string(1 + below(3'000), 'p'), now_ + std::chrono::hours{99})
            .has_value();
    }
    bool complete() {
        const auto lease = any_lease();
        return !lease || engine_->queue().complete(*lease, reply(*lease), now_).has_value();
    }
    bool release() {
        const auto lease = any_lease();
        const std::vector<Attempt> tries{{.provider = "cloud", .model = "m", .outcome = Attempt::Outcome::failed}};
        const Error why{.cls = ErrorClass::transient, .detail = "down"};
        return !lease || engine_->queue().release(*lease, why, tries, now_ + Millis{1'000}, now_).has_value();
    }
    bool bury() {
        const auto lease = any_lease();
        const JobState end = below(2) == 0 ? JobState::refused : JobState::dead;
        const Error why{.cls = ErrorClass::policy, .detail = "no"};
        return !lease || engine_->queue().bury(*lease, end, why, {}, "It was refused.", now_).has_value();
    }
    bool show() {
        const auto pending = engine_->outbox().pending("terminal", "local", "", 100);
        if (!pending || pending->empty()) return pending.has_value();
        return engine_->outbox().shown((*pending)[below(pending->size())].id, now_).has_value();
    }
    bool cancel_or_retry() {
        for (const auto& [id, kept] : acts_.back().after.messages) {
            if (below(3) != 0) continue;
            if (kept.state == JobState::queued) return engine_->desk().cancel("local", id, now_).has_value();
            if (kept.state == JobState::dead) return engine_->desk().retry("local", id, now_).has_value();
        }
        return true;
    }
    bool remember() {
        return engine_->outbox().remember(state_fact, "fact " + std::to_string(below(1'000))).has_value();
    }
    bool forget_or_expire() {
        if (below(2) == 0) {
            now_ += std::chrono::hours{2};
            return engine_->desk().sweep(now_).has_value();
        }
        const std::string gone = "c" + std::to_string(below(4));
        std::erase_if(leases_, [&](const Lease& lease) { return lease.message.conversation == gone; });
        const auto forgotten = engine_->conversations().forget("local", gone);
        return forgotten || forgotten.error().code == "not_found";
    }

    ScratchDirectory directory_;
    Sim sim_;
    RecordingDisk disk_;
    IdMaker ids_{sim_.env()};
    WallTime now_ = state_epoch;
    std::unique_ptr<StoreEngine> engine_;
    std::vector<Lease> leases_;
    std::vector<Inbound> sent_;
    std::vector<Act> acts_;
    std::string wrong_;
};

}  // namespace evenkeel::testing

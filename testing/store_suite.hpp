#pragma once
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "core/ids.hpp"
#include "store/engine.hpp"
#include "testing/sim.hpp"

namespace evenkeel::testing {

/// Where one engine under test keeps its data. It outlives the engines opened on it, one at a time.
class StoreHome {
public:
    virtual ~StoreHome() = default;
    virtual Result<std::unique_ptr<StoreEngine>> open(WallTime now, std::int64_t max_pending) = 0;
};

/// One engine for the suite: a name for the test's title and a maker of fresh homes.
struct StoreKind {
    std::string name;
    std::function<std::unique_ptr<StoreHome>()> make;
};

/// What every StoreEngine must pass. A test program links evenkeel_testing_store and says
///
///     INSTANTIATE_TEST_SUITE_P(Sqlite, StoreSuite, ::testing::Values(…), store_kind_name);
class StoreSuite : public ::testing::TestWithParam<StoreKind> {
protected:
    static constexpr Millis day{24 * 3'600'000};
    static constexpr std::int64_t max_pending = 50;

    void SetUp() override { reopen(); }
    /// Ends the engine as a killed process would (nothing is released), and starts the next one.
    void reopen();
    QueueEngine& queue() { return engine_->queue(); }
    QueueDesk& desk() { return engine_->desk(); }
    ConversationEngine& conversations() { return engine_->conversations(); }
    OutboxEngine& outbox() { return engine_->outbox(); }
    KeyEngine& keys() { return engine_->keys(); }
    UsageEngine& usage() { return engine_->usage(); }

    static Inbound said(std::string text, std::string conversation = "c", std::string user = "u");
    Id accept(const Inbound& message);
    Id accept(std::string text, std::string conversation = "c", std::string user = "u") {
        return accept(said(std::move(text), std::move(conversation), std::move(user)));
    }
    /// The one message that is claimed now; fails the test when there is none.
    Lease claim(bool suspects = false);
    std::vector<std::string> claim_texts(std::size_t most);
    JobState state_of(const Id& id, std::string_view principal = "local");
    /// Accepts, claims and completes it.
    Id answered(std::string text, std::string reply, std::string conversation = "c", bool delivered = true);
    static Answer reply(std::string text);
    static Attempt attempt(std::string provider, Attempt::Outcome outcome);
    static Error outage();
    std::vector<Delivery> pending(std::string conversation = "") {
        return outbox().pending("terminal", "local", conversation, 100).value();
    }

    Sim sim_;
    IdMaker ids_{sim_.env()};
    std::unique_ptr<StoreHome> home_ = GetParam().make();
    std::unique_ptr<StoreEngine> engine_;
    WallTime now_{Millis{1'767'225'600'000}};  // 2026-01-01T00:00:00Z, where the simulated clock starts too.
};

inline std::string store_kind_name(const ::testing::TestParamInfo<StoreKind>& info) { return info.param.name; }

/// True when `result` failed with that code.
template <class T>
bool failed_with(const Result<T>& result, std::string_view code) {
    return !result && result.error().code == code;
}

}  // namespace evenkeel::testing

#include "access/key_keeper.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "store/sqlite_engine.hpp"
#include "testing/scratch_directory.hpp"
#include "testing/sim.hpp"

namespace evenkeel {
namespace {

using namespace std::chrono_literals;

struct Keeper : ::testing::Test {
    Keeper() { start(); }
    void start() {
        keeper.reset();
        store.reset();
        auto engine = open_sqlite({.file = directory.file("a.db")}, sim.env().wall());
        store = make_inline_store(sim.scheduler, std::move(engine).value());
        // A restarted process brings fresh bytes, and must not use them.
        HashingKey fresh{};
        fresh.fill(static_cast<std::byte>(++starts));
        keeper = sim.run(KeyKeeper::open(sim.env(), *store, fresh)).value();
    }
    KeyRecord create(const std::string& text, const KeyLimits& limits = {}) {
        KeyRecord key{.id = ids.next(), .name = text, .prefix = text, .limits = limits};
        return sim.run(keeper->create(std::move(key), Secret(text))).value();
    }
    bool admitted(const std::string& text) { return access().admit(text, KeyScope::chat).has_value(); }
    void use(const std::string& text, std::int64_t tokens) {
        access()
            .admit(text, KeyScope::chat)
            .value()
            .charge(std::vector{Attempt{.provider = "cloud",
                                        .model = "m",
                                        .outcome = Attempt::Outcome::answered,
                                        .usage = Usage{tokens, 0},
                                        .cost_usd = 0.5}});
    }
    std::int64_t tries_kept() {
        auto lines = sim.run(store->run([](StoreEngine& engine) { return engine.usage().usage(WallTime{}); })).value();
        std::int64_t tries = 0;
        for (const UsageLine& line : lines) tries += line.tries;
        return tries;
    }
    Access& access() { return keeper->access(); }

    testing::ScratchDirectory directory;
    testing::Sim sim;
    IdMaker ids{sim.env()};
    int starts = 0;
    std::unique_ptr<AsyncStore> store;
    std::unique_ptr<KeyKeeper> keeper;
};

TEST_F(Keeper, a_key_counts_at_once_and_after_a_restart) {
    EXPECT_TRUE(access().open());
    create("sk-one");
    EXPECT_FALSE(access().open());
    EXPECT_TRUE(admitted("sk-one"));
    start();
    EXPECT_FALSE(access().open());
    EXPECT_TRUE(admitted("sk-one"));
    EXPECT_FALSE(admitted("sk-two"));
}

TEST_F(Keeper, a_revoked_key_is_refused_at_once_and_after_a_restart) {
    const KeyRecord key = create("sk-one");
    ASSERT_TRUE(sim.run(keeper->revoke(key.id)));
    EXPECT_FALSE(admitted("sk-one"));
    start();
    EXPECT_FALSE(admitted("sk-one"));
    EXPECT_FALSE(access().open());
    EXPECT_EQ(sim.run(keeper->revoke(ids.next())).error().code, "not_found");
}

TEST_F(Keeper, a_key_that_could_not_be_kept_does_not_count) {
    const KeyRecord key = create("sk-one");
    KeyRecord same_name{.id = ids.next(), .name = key.name, .prefix = "p"};
    EXPECT_EQ(sim.run(keeper->create(same_name, Secret("sk-two"))).error().code, "conflict");
    EXPECT_FALSE(admitted("sk-two"));
}

TEST_F(Keeper, use_is_written_within_a_second_of_the_first_that_waits) {
    create("sk-one");
    keeper->start();
    sim.scheduler.run_for(10s);
    use("sk-one", 10);
    sim.scheduler.run_for(900ms);
    use("sk-one", 10);
    EXPECT_EQ(tries_kept(), 0) << "many calls are one write";
    sim.scheduler.run_for(101ms);
    EXPECT_EQ(tries_kept(), 2);
    use("sk-one", 10);
    sim.scheduler.run_for(1001ms);
    EXPECT_EQ(tries_kept(), 3);
}

TEST_F(Keeper, what_was_used_up_counts_after_a_restart) {
    create("sk-one", {.tokens_per_day = 100});
    use("sk-one", 100);
    EXPECT_FALSE(admitted("sk-one"));
    ASSERT_TRUE(sim.run(keeper->flush()));
    start();
    EXPECT_EQ(access().admit("sk-one", KeyScope::chat).error().code, "insufficient_quota");
    sim.scheduler.run_for(24h);
    EXPECT_TRUE(admitted("sk-one"));
}

TEST_F(Keeper, a_killed_process_loses_only_what_was_not_written_yet) {
    create("sk-one");
    use("sk-one", 10);
    ASSERT_TRUE(sim.run(keeper->flush()));
    use("sk-one", 10);
    start();
    EXPECT_EQ(tries_kept(), 1);
}

TEST(KeeperOnABrokenDisk, keeps_the_sums_and_tells_it_once) {
    testing::Sim sim;
    // A store that says no to every write of usage, as a full disk makes it.
    class Refusing final : public AsyncStore {
    public:
        Refusing(Scheduler& scheduler, std::unique_ptr<AsyncStore> inner)
            : AsyncStore(scheduler), inner_(std::move(inner)) {}
        void submit(Work work, std::function<void(Result<void>)> done) override {
            if (!full) return inner_->submit(std::move(work), std::move(done));
            scheduler_.post(
                [done = std::move(done)] { done(own_fault(ErrorClass::storage, "the disk is full", "disk_full")); });
        }
        void submit_alone(Work work, std::function<void()> done) override {
            inner_->submit_alone(std::move(work), std::move(done));
        }
        bool full = false;

    private:
        std::unique_ptr<AsyncStore> inner_;
    };
    auto engine = open_sqlite({.file = ":memory:"}, sim.env().wall());
    Refusing store(sim.scheduler, make_inline_store(sim.scheduler, std::move(engine).value()));
    auto keeper = sim.run(KeyKeeper::open(sim.env(), store, HashingKey{})).value();
    keeper->start();
    const auto use = [&] {
        keeper->access()
            .admit("", KeyScope::chat)
            .value()
            .charge(std::vector{Attempt{.provider = "cloud", .model = "m", .outcome = Attempt::Outcome::answered}});
    };
    store.full = true;
    use();
    sim.scheduler.run_for(5s);
    use();
    sim.scheduler.run_for(5s);
    EXPECT_EQ(sim.notes.count("usage.not_written"), 1u);
    EXPECT_EQ(sim.notes.count("usage.written_again"), 0u);
    store.full = false;
    sim.scheduler.run_for(3s);
    EXPECT_EQ(sim.notes.count("usage.written_again"), 1u);
    const auto lines = sim.run(store.run([](StoreEngine& kept) { return kept.usage().usage(WallTime{}); })).value();
    ASSERT_EQ(lines.size(), 1u);
    EXPECT_EQ(lines[0].tries, 2);
    EXPECT_TRUE(keeper->access().usage().empty());
}

}  // namespace
}  // namespace evenkeel

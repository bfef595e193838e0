#include "store/async_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

#include "store/sqlite_engine.hpp"
#include "testing/faulty_disk.hpp"
#include "testing/scratch_directory.hpp"
#include "testing/sim.hpp"

namespace evenkeel {
namespace {

/// The least loop that a thread may post into. Time stands still.
class PostLoop final : public Scheduler {
public:
    Instant now() const noexcept override { return Instant{}; }
    WallTime wall() const noexcept override { return WallTime{Millis{1'767'225'600'000}}; }
    void arm(Timer& timer, Instant when) override { timers_.arm(timer, when); }
    void disarm(Timer& timer) noexcept override { timers_.disarm(timer); }
    void defer(Ready& ready) override { ready_.push(ready); }
    void post(std::function<void()> work) override {
        {
            const std::scoped_lock lock(mutex_);
            posted_.push_back(std::move(work));
        }
        filled_.notify_one();
    }
    template <class T>
    T run(Task<T> task) {
        task.handle().resume();
        while (!task.done()) turn();
        return task.handle().promise().take();
    }

private:
    void turn() {
        if (ready_.run() > 0) return;
        std::deque<std::function<void()>> works;
        {
            std::unique_lock lock(mutex_);
            filled_.wait(lock, [this] { return !posted_.empty(); });
            works.swap(posted_);
        }
        for (auto& work : works) work();
    }
    TimerQueue timers_;
    ReadyList ready_;
    std::mutex mutex_;
    std::condition_variable filled_;
    std::deque<std::function<void()>> posted_;
};

struct ThreadedStore : ::testing::Test {
    std::unique_ptr<StoreEngine> engine() {
        return open_sqlite({.file = directory.file("store.db"), .disk = &disk}, loop.wall()).value();
    }
    Id next() {
        Id id;
        id.bytes[6] = 0x70;
        id.bytes[14] = static_cast<std::uint8_t>(count >> 8);
        id.bytes[15] = static_cast<std::uint8_t>(count++);
        return id;
    }
    unsigned count = 1;
    PostLoop loop;
    testing::FaultyDisk disk;
    testing::ScratchDirectory directory;
};

Task<Result<Accepted>> accept(AsyncStore& store, Id id, std::string conversation, WallTime now) {
    co_return co_await store.run([id, conversation, now](StoreEngine& engine) {
        return engine.queue().accept({.conversation = conversation, .text = "text"}, id, now);
    });
}

Task<void> accept_many(AsyncStore& store, std::vector<Id> ids, std::string conversation, WallTime now, int& kept) {
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const auto accepted = co_await accept(store, ids[i], conversation, now);
        if (accepted && accepted->sequence == static_cast<std::int64_t>(i) + 1) ++kept;
    }
}

Task<bool> join(TaskGroup& group) {
    co_await group.join();
    co_return true;
}

Task<int> accept_side_by_side(ThreadedStore& test, AsyncStore& store, int producers, int each) {
    int kept = 0;
    TaskGroup group(test.loop);
    for (int p = 0; p < producers; ++p) {
        std::vector<Id> ids;
        for (int i = 0; i < each; ++i) ids.push_back(test.next());
        group.spawn(accept_many(store, ids, std::to_string(p), test.loop.wall(), kept));
    }
    co_await join(group);
    co_return kept;
}

TEST_F(ThreadedStore, many_producers_are_durable_in_order_and_share_their_syncs) {
    auto store = make_threaded_store(loop, engine());
    const std::int64_t syncs = disk.syncs();
    EXPECT_EQ(loop.run(accept_side_by_side(*this, *store, 32, 10)), 320);
    store.reset();
    EXPECT_LT(disk.syncs() - syncs, 320) << "calls that wait together are committed together";
    auto reopened = engine();
    EXPECT_EQ(reopened->figures().value().queued, 320);
}

TEST_F(ThreadedStore, a_dropped_caller_undoes_nothing) {
    auto store = make_threaded_store(loop, engine());
    {
        auto dropped = accept(*store, next(), "a", loop.wall());
        dropped.handle().resume();
    }
    EXPECT_EQ(loop.run(accept(*store, next(), "a", loop.wall())).value().sequence, 2);
}

TEST_F(ThreadedStore, destroying_it_finishes_what_was_submitted) {
    auto store = make_threaded_store(loop, engine());
    for (int i = 0; i < 20; ++i) {
        auto dropped = accept(*store, next(), "a", loop.wall());
        dropped.handle().resume();
    }
    store.reset();
    EXPECT_EQ(engine()->figures().value().queued, 20);
}

TEST_F(ThreadedStore, a_failed_commit_reaches_every_member_and_all_who_come_later) {
    auto opened = engine();
    disk.break_sync();
    auto store = make_threaded_store(loop, std::move(opened));
    EXPECT_EQ(loop.run(accept_side_by_side(*this, *store, 8, 2)), 0);
    const auto later = loop.run(accept(*store, next(), "x", loop.wall()));
    ASSERT_FALSE(later);
    EXPECT_EQ(later.error().code, "store_failed");
}

TEST_F(ThreadedStore, work_that_needs_to_be_alone_runs_outside_any_group) {
    auto store = make_threaded_store(loop, engine());
    ASSERT_TRUE(loop.run(accept(*store, next(), "a", loop.wall())));
    const std::string copy = directory.file("copy.db");
    ASSERT_TRUE(loop.run(store->run_alone([copy](StoreEngine& e) { return e.backup(copy); })));
    EXPECT_EQ(open_sqlite({.file = copy}, loop.wall()).value()->figures().value().queued, 1);
}

TEST(InlineStore, answers_at_the_loops_next_turn) {
    testing::Sim sim;
    IdMaker ids(sim.env());
    auto store = make_inline_store(sim.scheduler, open_sqlite({.file = ":memory:"}, sim.env().wall()).value());
    const auto accepted = sim.run(accept(*store, ids.next(), "a", sim.env().wall()));
    EXPECT_EQ(accepted.value().sequence, 1);
    EXPECT_EQ(sim.run(store->run_alone([](StoreEngine& e) { return e.figures(); })).value().queued, 1);
}

}  // namespace
}  // namespace evenkeel

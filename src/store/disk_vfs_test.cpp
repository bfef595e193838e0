#include "store/disk_vfs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/sqlite_engine.hpp"
#include "testing/faulty_disk.hpp"
#include "testing/scratch_directory.hpp"
#include "testing/sim.hpp"

namespace evenkeel {
namespace {

using testing::FaultyDisk;
using testing::ScratchDirectory;

constexpr WallTime start{Millis{1'767'225'600'000}};

Inbound said(std::string text, std::string conversation) {
    return Inbound{.conversation = std::move(conversation), .text = std::move(text)};
}

Answer reply() {
    return Answer{.text = "told", .provider = "cloud", .model = "m", .attempts = {Attempt{.provider = "cloud"}}};
}

/// What a client was told, and so may rely on.
struct Told {
    std::vector<Id> accepted;
    std::optional<Id> completed, shown, released;
    bool backed_up = false;
};

/// One life of a store with everything that writes, on a disk that may break at any step.
class Life {
public:
    Life(const ScratchDirectory& directory, Disk* disk) : directory_(directory), disk_(disk) {}

    Told run() {
        // Each checkpoint is due: its steps must fail too.
        auto opened = open_sqlite({.file = directory_.file("store.db"), .log_bytes_max = 1, .disk = disk_}, start);
        if (!opened) return std::move(told_);
        engine_ = std::move(*opened);
        accept("one", "a");
        static_cast<void>(engine_->checkpoint());
        accept_group();
        work();
        static_cast<void>(engine_->checkpoint());
        told_.backed_up = engine_->backup(directory_.file("copy.db")).has_value();
        // Forgetting is where everything is moved, zeroed and truncated; what it removes is not relied upon.
        static_cast<void>(engine_->queue().accept(said("gone", "d"), ids_.next(), start));
        static_cast<void>(engine_->conversations().forget("local", "d"));
        return std::move(told_);
    }

private:
    void accept(std::string text, std::string conversation) {
        const Id id = ids_.next();
        const bool kept =
            engine_->queue().accept(said(std::move(text), std::move(conversation)), id, start).has_value();
        if (kept) told_.accepted.push_back(id);
    }

    void accept_group() {
        if (!engine_->begin_group()) return;
        const Id b = ids_.next(), c = ids_.next();
        const bool kept_b = engine_->queue().accept(said("two", "b"), b, start).has_value();
        const bool kept_c = engine_->queue().accept(said(std::string(20'000, 'x'), "c"), c, start).has_value();
        const bool committed = engine_->commit_group().has_value();
        if (kept_b && committed) told_.accepted.push_back(b);
        if (kept_c && committed) told_.accepted.push_back(c);
    }

    void work() {
        auto leases = engine_->queue().claim({.jobs_max = 2}, start);
        if (!leases || leases->size() < 2) return;
        static_cast<void>(engine_->queue().extend(leases->at(0), "so far", start + Millis{60'000}));
        if (engine_->queue().complete(leases->at(0), reply(), start)) told_.completed = leases->at(0).id;
        const Error why{.cls = ErrorClass::transient, .detail = "down"};
        if (engine_->queue().release(leases->at(1), why, {}, start, start)) told_.released = leases->at(1).id;
        if (told_.completed && engine_->outbox().shown(*told_.completed, start)) told_.shown = told_.completed;
    }

    const ScratchDirectory& directory_;
    Disk* disk_;
    testing::Sim sim_;
    IdMaker ids_{sim_.env()};
    std::unique_ptr<StoreEngine> engine_;
    Told told_;
};

void expect_kept(const std::string& file, const Told& told) {
    auto opened = open_sqlite({.file = file}, start);
    ASSERT_TRUE(opened) << describe(opened.error());
    StoreEngine& engine = **opened;
    EXPECT_EQ(engine.check().value(), std::vector<std::string>{});
    for (const Id& id : told.accepted) EXPECT_TRUE(engine.desk().show("local", id)) << "an accepted message is lost";
    if (told.completed) {
        const JobView view = engine.desk().show("local", *told.completed).value();
        EXPECT_EQ(view.answer.value().text, "told");
        if (told.shown) EXPECT_EQ(view.state, JobState::delivered);
    }
    if (told.released) EXPECT_EQ(engine.desk().show("local", *told.released).value().attempts, 1);
}

struct Breakage {
    const char* name;
    Disk::Verdict verdict;
    bool for_good;
};

class BreakingDisk : public ::testing::TestWithParam<Breakage> {};

TEST_P(BreakingDisk, at_any_step_loses_nothing_that_was_acknowledged) {
    const ScratchDirectory origin;
    ASSERT_TRUE(open_sqlite({.file = origin.file("store.db")}, start));
    std::int64_t lives = 0;
    for (bool clean = false; !clean; ++lives) {
        ASSERT_LT(lives, 1'000) << "the scenario never runs clean";
        const ScratchDirectory directory;
        std::filesystem::copy_file(origin.file("store.db"), directory.file("store.db"));
        FaultyDisk disk;
        disk.fail_at(lives + 1, GetParam().verdict, GetParam().for_good);
        const Told told = Life(directory, &disk).run();
        clean = !disk.has_failed();
        SCOPED_TRACE("step " + std::to_string(lives + 1));
        expect_kept(directory.file("store.db"), told);
        if (told.backed_up) EXPECT_TRUE(open_sqlite({.file = directory.file("copy.db")}, start));
        if (clean) {
            EXPECT_EQ(told.accepted.size(), 3u);
            EXPECT_TRUE(told.shown && told.released && told.backed_up);
        }
        if (HasFailure()) return;
    }
    EXPECT_GT(lives, 50) << "the scenario hardly touches the disk";
}

TEST_P(BreakingDisk, while_the_database_is_made_leaves_something_that_opens) {
    std::int64_t lives = 0;
    for (bool clean = false; !clean; ++lives) {
        ASSERT_LT(lives, 1'000) << "it is never made";
        const ScratchDirectory directory;
        FaultyDisk disk;
        disk.fail_at(lives + 1, GetParam().verdict, GetParam().for_good);
        const bool opened = open_sqlite({.file = directory.file("store.db"), .disk = &disk}, start).has_value();
        clean = !disk.has_failed();
        EXPECT_TRUE(opened || !clean);
        expect_kept(directory.file("store.db"), Told{});
        if (HasFailure()) return;
    }
    EXPECT_GT(lives, 10);
}

INSTANTIATE_TEST_SUITE_P(Each, BreakingDisk,
                         ::testing::Values(Breakage{"error_once", Disk::Verdict::fail, false},
                                           Breakage{"error_for_good", Disk::Verdict::fail, true},
                                           Breakage{"full_once", Disk::Verdict::full, false},
                                           Breakage{"torn_once", Disk::Verdict::torn, false}),
                         [](const auto& info) { return info.param.name; });

struct DiskFault : ::testing::Test {
    std::unique_ptr<StoreEngine> open() {
        return open_sqlite({.file = directory.file("store.db"), .disk = &disk}, start).value();
    }
    Result<Accepted> accept(StoreEngine& engine, std::string text) {
        return engine.queue().accept(said(std::move(text), "c"), ids.next(), start);
    }
    ScratchDirectory directory;
    FaultyDisk disk;
    testing::Sim sim;
    IdMaker ids{sim.env()};
};

TEST_F(DiskFault, a_full_disk_refuses_and_the_store_goes_on_when_there_is_room_again) {
    auto engine = open();
    const Id kept = accept(*engine, "kept").value().id;
    disk.fill();
    for (int i = 0; i < 3; ++i) {
        const auto refused = accept(*engine, "no room");
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().cls, ErrorClass::storage);
        EXPECT_EQ(refused.error().code, "disk_full");
    }
    EXPECT_TRUE(engine->desk().show("local", kept)) << "reading goes on";
    disk.heal();
    const auto after = accept(*engine, "room again").value();
    EXPECT_EQ(after.sequence, 2);
    EXPECT_EQ(after.ahead, 1) << "what was refused is not counted";
    engine.reset();
    engine = open();
    EXPECT_EQ(engine->figures().value().queued, 2);
}

TEST_F(DiskFault, a_full_disk_fails_the_whole_group_and_only_that) {
    auto engine = open();
    disk.fill();
    ASSERT_TRUE(engine->begin_group());
    static_cast<void>(accept(*engine, "one"));
    EXPECT_FALSE(engine->commit_group());
    disk.heal();
    ASSERT_TRUE(engine->begin_group());
    ASSERT_TRUE(accept(*engine, "two"));
    EXPECT_TRUE(engine->commit_group());
    EXPECT_EQ(engine->figures().value().queued, 1);
}

TEST_F(DiskFault, after_a_failed_sync_the_store_never_writes_again) {
    auto engine = open();
    const Id kept = accept(*engine, "kept").value().id;
    disk.break_sync();
    EXPECT_FALSE(accept(*engine, "in doubt"));
    disk.heal();
    const std::int64_t syncs = disk.syncs(), steps = disk.steps();
    const auto refused = accept(*engine, "after");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "store_failed");
    EXPECT_EQ(engine->begin_group().error().code, "store_failed");
    EXPECT_EQ(engine->checkpoint().error().code, "store_failed");
    EXPECT_EQ(engine->desk().show("local", kept).error().code, "store_failed");
    EXPECT_EQ(disk.steps(), steps) << "the disk is not even asked";
    engine.reset();
    EXPECT_EQ(disk.syncs(), syncs) << "nor when it closes";
    engine = open();
    EXPECT_TRUE(engine->desk().show("local", kept));
}

TEST_F(DiskFault, a_failed_checkpoint_stops_the_store_with_everything_kept) {
    auto engine = open_sqlite({.file = directory.file("store.db"), .log_bytes_max = 1, .disk = &disk}, start).value();
    const Id kept = accept(*engine, "kept").value().id;
    disk.break_sync();
    EXPECT_FALSE(engine->checkpoint());
    EXPECT_EQ(accept(*engine, "after").error().code, "store_failed");
    engine.reset();
    disk.heal();
    EXPECT_TRUE(open()->desk().show("local", kept));
}

}  // namespace
}  // namespace evenkeel

// What a loss of power may leave of a store: every moment of a seeded client's work, with writes that no sync covered
// dropped, torn and reordered; each image is opened with the real engine and held against what the client was told.
//     crash_images_tests [--seed N] [--seeds N] [--long]
#include <gtest/gtest.h>

#include <cstdio>
#include <set>

#include "store/schema.hpp"
#include "testing/crash_image.hpp"
#include "testing/test_arguments.hpp"
#include "tests/crash/store_workload.hpp"

namespace evenkeel {
namespace {

using testing::CrashImages;
using testing::Loss;
using testing::RecordingDisk;
using testing::StoreState;
using testing::StoreWorkload;
using testing::TestArguments;
using Lie = RecordingDisk::Lie;

constexpr int acts_per_seed = 45;
constexpr std::uint64_t usual_seeds = 4, long_seeds = 1'000;

struct Counts {
    std::size_t images = 0, worked_on = 0;
};

/// All images of one client's work, held against what it was told.
class Trial {
public:
    Trial(std::uint64_t seed, Lie lie, Counts& counts) : workload_(seed, lie), random_(seed * 7'919), counts_(counts) {}

    /// Empty, or the first image that breaks a promise.
    std::string run() {
        if (std::string wrong = workload_.run(acts_per_seed); !wrong.empty()) return wrong;
        CrashImages images(workload_.disk());
        do {
            look_at(images);
            if (!wrong_.empty()) return wrong_;
        } while (images.advance());
        return {};
    }

private:
    void look_at(const CrashImages& images) {
        check(images, Loss::none, 0);
        const std::size_t unsynced = images.unsynced();
        if (unsynced == 0) return;
        if (!images.before_sync()) {
            check(images, Loss::torn, unsynced - 1);
            return check(images, Loss::scattered, 0);
        }
        check(images, Loss::all, 0);
        // Long logs are sampled; the first and the last changes are where headers lie.
        const std::size_t step = 1 + unsynced / 6;
        for (std::size_t i = random_.bits() % step; i < unsynced; i += step) {
            check(images, Loss::one_lost, i);
            check(images, Loss::one_kept, i);
            check(images, Loss::torn, i);
        }
        for (int i = 0; i < 6; ++i) check(images, Loss::scattered, 0);
    }

    void check(const CrashImages& images, Loss loss, std::size_t which) {
        if (!wrong_.empty()) return;
        const auto image = images.image(loss, which, random_);
        std::size_t done = 0;
        while (done < workload_.acts().size() && workload_.acts()[done].done_at <= images.at()) ++done;
        if (!seen_.insert({testing::fingerprint(image), done}).second) return;
        ++counts_.images;
        testing::lay_down(image, directory_.path().string());
        const std::string what = judge(images.at(), done);
        if (!what.empty())
            wrong_ = what + " (record " + std::to_string(images.at()) + " of " +
                     std::to_string(workload_.disk().size()) + ", loss " + std::to_string(static_cast<int>(loss)) +
                     " of change " + std::to_string(which) + ", after '" +
                     (done == 0 ? "nothing" : workload_.acts()[done - 1].name) + "')";
    }

    /// `done` acts were acknowledged when power went.
    std::string judge(std::size_t at, std::size_t done) {
        auto opened = open_sqlite({.file = directory_.file("store.db")}, workload_.now());
        if (!opened) return "it does not open: " + describe(opened.error());
        StoreEngine& engine = **opened;
        const auto damages = engine.check();
        if (!damages) return describe(damages.error());
        if (!damages->empty()) return damages->front();
        auto found = testing::state_of(engine);
        if (!found) return describe(found.error());
        const StoreState before = done == 0 ? StoreState{} : testing::after_restart(workload_.acts()[done - 1].after);
        std::string what = testing::difference(*found, before);
        const auto& acts = workload_.acts();
        if (!what.empty() && done < acts.size() && acts[done].begun_at < at)
            if (testing::difference(*found, testing::after_restart(acts[done].after)).empty()) what.clear();
        if (!what.empty()) return what;
        if (counts_.images % 8 == 0) return work_on(engine, done);
        return {};
    }

    /// Life goes on: keys hold, old leases do not, and every message comes to its end once and in order.
    std::string work_on(StoreEngine& engine, std::size_t done) {
        ++counts_.worked_on;
        const WallTime now = workload_.now() + std::chrono::seconds{1};
        if (done > 0)
            for (const Lease& lease : workload_.acts()[done - 1].leases)
                if (engine.queue().complete(lease, StoreWorkload::reply(lease), now))
                    return "a lease of a dead process could still write";
        if (std::string what = send_again(engine, done, now); !what.empty()) return what;
        if (!engine.desk().sweep(now)) return "what waited too long cannot be given up";
        std::map<std::string, std::int64_t> last;
        for (int rounds = 0; rounds < 200; ++rounds) {
            auto leases = engine.queue().claim({.jobs_max = 16}, now);
            if (leases && leases->empty()) leases = engine.queue().claim({.suspects = true}, now);
            if (!leases) return describe(leases.error());
            if (leases->empty()) break;
            for (const Lease& lease : *leases) {
                if (lease.sequence <= last[lease.message.conversation]) return "answered out of order";
                last[lease.message.conversation] = lease.sequence;
                if (!lease.message.body.empty() && lease.message.body != StoreWorkload::body_of(lease.message.text))
                    return "the body of a call is not its own";
                if (!engine.queue().complete(lease, StoreWorkload::reply(lease), now))
                    return "what was claimed cannot be answered";
            }
        }
        const auto after = testing::state_of(engine);
        if (!after) return describe(after.error());
        for (const auto& [id, kept] : after->messages)
            if (is_open(kept.state)) return "message " + to_string(id) + " never ends: " + kept.text;
        return {};
    }

    std::string send_again(StoreEngine& engine, std::size_t done, WallTime now) {
        if (done == 0) return {};
        std::map<std::string, Id> known;
        for (const auto& [id, kept] : workload_.acts()[done - 1].after.messages) known[kept.text] = id;
        for (Inbound message : workload_.sent()) {
            const auto first = known.find(message.text);
            if (first == known.end()) continue;
            const auto again = engine.queue().accept(message, Id{{0xff}}, now);
            if (!again || !again->duplicate || again->id != first->second) return "a key was forgotten";
            message.text += "!";
            // Of a message that was forgotten nobody knows the text any more: its key still stands for it.
            const auto other = engine.queue().accept(message, Id{{0xff}}, now);
            if (other && (!other->duplicate || other->id != first->second)) return "a key was taken for another text";
        }
        return {};
    }

    StoreWorkload workload_;
    testing::SeededRandom random_;
    testing::ScratchDirectory directory_;
    std::set<std::pair<std::uint64_t, std::size_t>> seen_;
    Counts& counts_;
    std::string wrong_;
};

TEST(CrashImages, whatever_power_leaves_holds_all_that_was_acknowledged_and_nothing_half) {
    const TestArguments& arguments = TestArguments::given();
    Counts counts;
    const std::uint64_t seeds = arguments.seed_count(usual_seeds, long_seeds);
    for (std::uint64_t i = 0; i < seeds; ++i) {
        const std::uint64_t seed = arguments.first_seed() + i;
        ASSERT_EQ(Trial(seed, Lie::none, counts).run(), "") << "--seed " << seed;
    }
    std::printf("%zu crash images of %llu seeds opened, %zu of them worked on to the end\n", counts.images,
                static_cast<unsigned long long>(seeds), counts.worked_on);
    EXPECT_GT(counts.images, 300 * seeds);
    EXPECT_GT(counts.worked_on, 30 * seeds);
}

constexpr std::uint64_t seeds_lied_to = 4;

/// How many clients notice that a disk lies to them.
std::uint64_t seeds_that_fail(Lie lie) {
    std::uint64_t failed = 0;
    for (std::uint64_t seed = 1; seed <= seeds_lied_to; ++seed) {
        Counts counts;
        failed += Trial(seed, lie, counts).run().empty() ? 0U : 1U;
    }
    return failed;
}

TEST(CrashImages, a_store_without_syncs_is_caught) {
    EXPECT_EQ(seeds_that_fail(Lie::every_sync), seeds_lied_to);
    EXPECT_EQ(seeds_that_fail(Lie::sync_of_log), seeds_lied_to);
    EXPECT_GE(seeds_that_fail(Lie::sync_of_database), 1U) << "a log begun anew over a file that was not synced";
}

/// The real steps and one more, which changes rows and tables.
std::vector<std::string_view> with_one_more_step() {
    std::vector<std::string_view> steps{sqlite::migrations().begin(), sqlite::migrations().end()};
    steps.push_back(
        "CREATE TABLE later (number INTEGER PRIMARY KEY, body BLOB); INSERT INTO later SELECT number, body FROM "
        "message; ALTER TABLE job ADD COLUMN colour TEXT; UPDATE job SET colour = 'blue'");
    return steps;
}

/// Takes a file through that step; gives what is wrong with it, "" for nothing.
std::string brought_further(const std::string& file, Disk* disk, std::int64_t messages) {
    const auto steps = with_one_more_step();
    const int old = static_cast<int>(sqlite::migrations().size());
    try {
        sqlite::Database db(file, {.disk = disk});
        db.script("PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0");
        const int found = sqlite::schema_version(db);
        if (found != old && found != old + 1) return "schema " + std::to_string(found);
        const std::int64_t tables = db.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'later'");
        if (tables != found - old) return "half a migration";
        sqlite::migrate(db, file, steps);
        if (db.answer_to("PRAGMA integrity_check") != "ok") return "damaged";
        if (db.integer("SELECT count(*) FROM later JOIN message USING (number)") != messages) return "rows are missing";
        if (db.integer("SELECT count(*) FROM job WHERE colour = 'blue'") != messages) return "rows are not changed";
        return {};
    } catch (const sqlite::Failure& failure) {
        return describe(failure.error);
    }
}

TEST(CrashImages, a_migration_is_whole_or_not_begun_and_can_be_done_again) {
    constexpr std::int64_t messages = 40;
    const testing::ScratchDirectory home;
    testing::Sim sim;
    IdMaker ids{sim.env()};
    {
        auto engine = open_sqlite({.file = home.file("store.db")}, testing::state_epoch).value();
        for (std::int64_t i = 0; i < messages; ++i)
            ASSERT_TRUE(engine->queue().accept({.conversation = "c", .text = std::string(900, 'q')}, ids.next(),
                                               testing::state_epoch));
    }
    RecordingDisk disk;
    ASSERT_EQ(brought_further(home.file("store.db"), &disk, messages), "");
    const testing::ScratchDirectory directory;
    CrashImages images(disk);
    std::size_t checked = 0;
    const auto check = [&](Loss loss, std::size_t which) {
        auto image = images.image(loss, which, sim.random);
        std::erase_if(image,
                      [](const auto& file) { return !file.first.contains("store.db") || file.first.contains(".v1"); });
        if (image.empty()) return;
        testing::lay_down(image, directory.path().string());
        ASSERT_EQ(brought_further(directory.file("store.db"), nullptr, messages), "") << "record " << images.at();
        ++checked;
    };
    do {
        check(Loss::none, 0);
        check(Loss::all, 0);
        for (std::size_t i = 0; i < images.unsynced(); i += 1 + images.unsynced() / 2) {
            check(Loss::one_lost, i);
            check(Loss::torn, i);
            check(Loss::scattered, 0);
        }
        ASSERT_FALSE(HasFailure());
    } while (images.advance());
    EXPECT_GT(checked, 100u);
}

}  // namespace
}  // namespace evenkeel

EVENKEEL_SEEDED_TEST_MAIN

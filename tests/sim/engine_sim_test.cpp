// Random users, failing providers, jumping clocks and crashes over the real engine, route and store; then the faults
// stop. What must hold is checked from what the users saw and kept themselves. A failing run is its seed.
#include <set>

#include "chat/engine.hpp"
#include "chat/route_monitor.hpp"
#include "store/sqlite_engine.hpp"
#include "testing/scratch_directory.hpp"
#include "testing/scripted_provider.hpp"
#include "testing/sim.hpp"

namespace evenkeel {
namespace {
using namespace std::chrono_literals;
using Kind = TurnEvent::Kind;
using testing::Script;

constexpr std::uint64_t seeds = 300;
constexpr std::string_view cloud_text = "The cloud says all of this.";
constexpr std::string_view local_text = "The house says all of that.";

/// One message as its user remembers it.
struct Asked {
    Inbound message;
    std::optional<Id> id;  ///< The receipt.
    std::string shown;     ///< What stands on the screen, struck parts removed.
    std::vector<std::string> ends;
    bool acknowledged = false;  ///< Evenkeel knows that it was shown.
    int ended_in_life = -1;     ///< The process that told the end.
};

/// What happened over all seeds, so that a simulation of nothing is noticed.
struct Totals {
    int answered_live = 0, delivered = 0, notices = 0, struck = 0, queued = 0, crashed_at_work = 0;
};

class World {
public:
    World(std::uint64_t seed, Totals& totals) : sim_(seed), totals_(totals), options_{.attempts_max = 50} {
        for (int conversation = 0; conversation < 3; ++conversation)
            for (int n = 0; n < 3; ++n) {
                const std::string name = "c" + std::to_string(conversation);
                Asked asked;
                asked.message = {.user = "u" + std::to_string(conversation % 2),
                                 .conversation = name,
                                 .idempotency_key = name + "-" + std::to_string(n),
                                 .text = name + " asks " + std::to_string(n),
                                 .ttl = 1000 * 24h};  // Each restart may take in a clock that jumped by days.
                asked.message.is_private = conversation == 2;
                asked_.push_back(std::move(asked));
            }
    }

    /// Empty when every promise held.
    std::string run() {
        const int crashes = 1 + static_cast<int>(sim_.random.bits() % 3);
        for (life_ = 0; life_ < crashes; ++life_) {
            begin();
            const auto turns = 20 + sim_.random.bits() % 400;
            for (std::uint64_t i = 0; i < turns; ++i) {
                if (i % 16 == 0) make_trouble();
                sim_.scheduler.turn();
            }
            crash();
        }
        begin();
        cloud_->always(testing::answering(cloud_text));
        local_->always(testing::answering(local_text));
        for (int i = 0; i < 360 && !all_ended(); ++i) sim_.scheduler.run_for(10s);
        if (wrong_.empty()) check();
        crash();
        return wrong_;
    }

private:
    void begin() {
        auto opened = open_sqlite({.file = directory_.file("store.db")}, sim_.scheduler.wall());
        if (!opened) return wrong("the store does not open: " + describe(opened.error()));
        raw_ = opened->get();
        store_ = make_inline_store(sim_.scheduler, std::move(*opened));
        route_ = make_route(sim_.env(), {{.upstream = cloud_, .limits = {.first_content = 5s, .idle = 3s}},
                                         {.upstream = local_, .limits = {.first_content = 5s, .idle = 3s}}});
        route_->start_probes([](std::span<const Attempt>) {});
        monitor_ = std::make_unique<RouteMonitor>(sim_.env(), *route_);
        engine_ = std::make_unique<Engine>(sim_.env(), *store_, *route_, *monitor_, options_);
        users_ = std::make_unique<TaskGroup>(sim_.scheduler);
        users_->spawn(read_deliveries(*this));
        for (int conversation = 0; conversation < 3; ++conversation)
            users_->spawn(talk(*this, "c" + std::to_string(conversation)));
    }

    /// What is not on disk is gone; work that had reached the store's thread may still be done there.
    void crash() {
        totals_.crashed_at_work += engine_ && engine_->working() > 0;
        users_.reset();
        engine_.reset();
        monitor_.reset();
        route_.reset();
        store_.reset();
        sim_.scheduler.turn();  // The store's thread finishes what had reached it, and closes the file.
        if (sim_.random.bits() % 4 == 0)
            sim_.scheduler.jump_wall(Millis{static_cast<int>(sim_.random.bits() % 60'000) - 30'000});
    }

    Script any_script(std::string_view whole) {
        switch (sim_.random.bits() % 10) {
            case 0: return testing::cutting(whole, 1 + sim_.random.bits() % 3);
            case 1: return testing::stalling(whole, 2);
            case 2: return testing::failing(ErrorClass::transient);
            case 3: return testing::failing(ErrorClass::overload, 3s);
            case 4: return testing::failing(ErrorClass::bad_answer);
            case 5: return testing::silent();
            case 6: return testing::failing(sim_.random.bits() % 4 == 0 ? ErrorClass::policy : ErrorClass::transient);
            default: return testing::answering(whole, Millis{static_cast<int>(sim_.random.bits() % 2'000)});
        }
    }
    void make_trouble() {
        cloud_->always(any_script(cloud_text));
        local_->always(any_script(local_text));
        if (sim_.random.bits() % 16 == 0) sim_.scheduler.jump_wall(sim_.random.bits() % 2 ? 24h : -24h);
    }

    /// Sends in order what has no receipt yet, one message after the other's receipt, and watches all of them.
    static Task<void> talk(World& world, std::string conversation) {
        for (std::size_t i = 0; i < world.asked_.size(); ++i) {
            Asked& asked = world.asked_[i];
            if (asked.message.conversation != conversation || !asked.ends.empty()) continue;
            co_await sleep_for(world.sim_.scheduler, Millis{static_cast<int>(world.sim_.random.bits() % 3'000)});
            if (!asked.ends.empty()) continue;
            // A receipt that got lost is fetched again by the same key.
            auto stream =
                asked.id ? co_await world.engine_->follow(*asked.id) : co_await world.engine_->submit(asked.message);
            if (!stream) continue;
            if (world.sim_.random.bits() % 4 == 0) {
                auto accepted = co_await (*stream)->next();
                if (accepted && *accepted) world.receipt(asked, (*accepted)->id);
                continue;  // An impatient user: sees the answer as a delivery.
            }
            world.users_->spawn(watch(world, i, std::move(*stream)));
        }
    }

    static Task<void> watch(World& world, std::size_t index, std::unique_ptr<TurnStream> stream) {
        Asked& asked = world.asked_[index];
        asked.shown.clear();
        for (;;) {
            auto event = co_await stream->next();
            if (!event || !*event) co_return;
            const TurnEvent& told = **event;
            world.receipt(asked, told.id);
            if (told.kind == Kind::delta) asked.shown += told.text;
            if (told.kind == Kind::restarted) asked.shown.clear();
            world.totals_.struck += told.kind == Kind::restarted;
            world.totals_.queued += told.kind == Kind::queued;
            world.totals_.answered_live += told.kind == Kind::answered;
            world.totals_.notices += told.kind > Kind::cancelled;
            if (told.kind < Kind::answered) continue;
            if (told.kind == Kind::answered && asked.shown != told.answer->text)
                world.wrong("shown '" + asked.shown + "', answered '" + told.answer->text + "'");
            world.end(asked, told.kind == Kind::answered ? told.answer->text : "notice");
            if (co_await world.engine_->shown(told.id)) asked.acknowledged = true;
        }
    }

    static Task<void> read_deliveries(World& world) {
        auto stream = co_await world.engine_->deliveries("terminal", "");
        for (;;) {
            auto delivery = co_await (*stream)->next();
            if (!delivery) co_return;
            for (Asked& asked : world.asked_) {
                if (asked.message.text != delivery->question) continue;
                world.receipt(asked, delivery->id);
                ++world.totals_.delivered;
                world.end(asked, delivery->kind == Delivery::Kind::answer ? delivery->text : "notice");
                if (co_await world.engine_->shown(delivery->id)) asked.acknowledged = true;
            }
        }
    }

    void receipt(Asked& asked, const Id& id) {
        if (asked.id && *asked.id != id) wrong("two ids for '" + asked.message.text + "'");
        asked.id = id;
    }

    /// The user sees the end of a question. Twice is forgiven only where a crash came before Evenkeel could know.
    void end(Asked& asked, std::string text) {
        if (!asked.ends.empty() && (asked.acknowledged || asked.ended_in_life == life_))
            wrong("'" + asked.message.text + "' ended twice: '" + asked.ends.back() + "' and '" + text + "'");
        if (!asked.ends.empty() && asked.ends.back() != text) wrong("'" + asked.message.text + "' ended in two ways");
        if (text != "notice" && text != cloud_text && text != local_text) wrong("a false whole: '" + text + "'");
        if (asked.message.is_private && text == cloud_text) wrong("a private question left the house");
        asked.ends.push_back(std::move(text));
        asked.ended_in_life = life_;
    }

    bool all_ended() const {
        return std::ranges::none_of(asked_, [](const Asked& asked) { return asked.ends.empty(); });
    }

    void check() {
        for (const Asked& asked : asked_)
            if (asked.ends.empty()) wrong("'" + asked.message.text + "' never ended" + state_of(asked));
        for (int conversation = 0; conversation < 3; ++conversation) check_order("c" + std::to_string(conversation));
        for (const auto* provider : {cloud_.get(), local_.get()})
            for (const auto& call : provider->asked()) check_context(call);
        for (const auto& call : cloud_->asked())
            if (call.local_only) wrong("the cloud was asked in private");
    }

    std::string state_of(const Asked& asked) const {
        if (!asked.id) return ", never accepted";
        const auto view = raw_->desk().show("local", *asked.id);
        return view ? ", " + std::string(to_string(view->state)) + ": " + view->reason : ", " + describe(view.error());
    }

    void check_order(const std::string& conversation) {
        auto rows = raw_->conversations().transcript("local", conversation);
        if (!rows || rows->size() != 3) return wrong("accepted more or less than was sent in " + conversation);
        for (std::size_t i = 0; i < rows->size(); ++i) {
            const JobView& row = (*rows)[i];
            if (row.message.text != conversation + " asks " + std::to_string(i))
                wrong("out of order in " + conversation);
            if (is_open(row.state)) wrong("still open: " + row.message.text);
        }
    }

    /// No question twice, no partial text as an answer, the question last.
    void check_context(const testing::ScriptedProvider::Asked& call) {
        std::set<std::string> questions;
        for (const Turn& turn : call.turns) {
            if (turn.role == Role::user && !questions.insert(turn.text).second) wrong("a doubled question");
            if (turn.role == Role::assistant && turn.text != cloud_text && turn.text != local_text)
                wrong("partial text in a context: '" + turn.text + "'");
        }
        if (call.turns.empty() || call.turns.back().role != Role::user)
            wrong("a context that does not end in a question");
    }

    void wrong(std::string what) {
        if (wrong_.empty()) wrong_ = std::move(what);
    }

    testing::ScratchDirectory directory_;
    testing::Sim sim_;
    Totals& totals_;
    ChatOptions options_;
    std::shared_ptr<testing::ScriptedProvider> cloud_ =
        std::make_shared<testing::ScriptedProvider>(sim_.env(), "cloud");
    std::shared_ptr<testing::ScriptedProvider> local_ =
        std::make_shared<testing::ScriptedProvider>(sim_.env(), "local", true);
    std::vector<Asked> asked_;
    int life_ = 0;
    std::string wrong_;
    StoreEngine* raw_ = nullptr;
    std::unique_ptr<AsyncStore> store_;
    std::unique_ptr<Route> route_;
    std::unique_ptr<RouteMonitor> monitor_;
    std::unique_ptr<Engine> engine_;
    std::unique_ptr<TaskGroup> users_;
};

TEST(EngineSim, every_message_ends_once_in_order_and_whole_whatever_fails) {
    Totals totals;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        World world(seed, totals);
        ASSERT_EQ(world.run(), "") << "seed " << seed;
    }
    EXPECT_GT(totals.answered_live, 100);
    EXPECT_GT(totals.delivered, 100);
    EXPECT_GT(totals.notices, 10);
    EXPECT_GT(totals.struck, 100);
    EXPECT_GT(totals.queued, 100);
    EXPECT_GT(totals.crashed_at_work, 100);
}

}  // namespace
}  // namespace evenkeel

#include "control/session.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "control/control_server.hpp"
#include "testing/hand_desk.hpp"
#include "testing/memory_network.hpp"
#include "testing/sim.hpp"

namespace evenkeel {
namespace {

using testing::HandDesk;
using testing::Sim;
using testing::World;
const Endpoint place{.path = "/data/control.sock"};

class WorldGate final : public OwnerGate {
public:
    explicit WorldGate(World& world) : world_(world) {}
    Result<std::unique_ptr<Ownership>> try_take(std::string_view kind) override {
        if (world_.holder) return std::unique_ptr<Ownership>{};
        world_.holder = OwnerIdentity{.pid = 4'711, .kind = std::string(kind)};
        ++world_.locks_taken;
        return std::make_unique<Held>(world_);
    }
    std::optional<OwnerIdentity> holder() const override { return world_.holder; }
    Result<void> clear_socket() override {
        ++world_.sockets_cleared;
        return {};
    }
    std::string socket_path() const override { return place.path; }

private:
    struct Held final : Ownership {
        explicit Held(World& shared) : world(shared) {}
        ~Held() override { world.holder.reset(); }
        World& world;
    };
    World& world_;
};

/// One process of the data directory. Destroying it is its death.
struct Process {
    Process(Sim& of, testing::MemoryNetwork& network, World& shared, std::string kind)
        : sim(of), world(shared), gate(shared) {
        session = std::make_unique<Session>(
            sim.env(), network, gate, [this] { return build(); },
            SessionOptions{.kind = std::move(kind), .version = "0.1.0", .pid = 4'711});
    }
    Result<void> open() { return sim.run(session->open()); }
    std::unique_ptr<TurnStream> submit(std::string key = {}) {
        return sim.run(session->submit({.conversation = "c", .idempotency_key = std::move(key), .text = "why?"}))
            .value();
    }

    struct Local final : LocalOwner {
        Local(Process& of, std::uint64_t number) : process(of), hand(of.world), count(number) { process.hand = &hand; }
        ~Local() override { process.hand = nullptr; }
        Desk& desk() override { return hand; }
        std::uint64_t generation() const noexcept override { return count; }
        Task<void> drain() override {
            ++process.drains;
            co_await sleep_for(process.world.env.scheduler, Millis{10});
        }
        Process& process;
        HandDesk hand;
        std::uint64_t count;
    };
    Task<Result<std::unique_ptr<LocalOwner>>> build() {
        if (broken) co_return own_fault(ErrorClass::storage, "the database is damaged", "damaged");
        co_return std::make_unique<Local>(*this, ++world.generation);
    }

    Sim& sim;
    World& world;
    WorldGate gate;
    HandDesk* hand = nullptr;  ///< While it owns.
    int drains = 0;
    bool broken = false;
    std::unique_ptr<Session> session;
};

struct House {
    std::unique_ptr<Process> process(std::string kind) {
        return std::make_unique<Process>(sim, network, world, std::move(kind));
    }
    std::unique_ptr<Process> opened(std::string kind) {
        auto made = process(std::move(kind));
        EXPECT_TRUE(made->open());
        return made;
    }
    TurnEvent next(TurnStream& turn) { return sim.run(turn.next()).value().value(); }
    Sim sim;
    testing::MemoryNetwork network{sim.env()};
    World world{sim.env()};
};

TEST(Session, owns_what_nobody_else_owns_and_joins_what_somebody_does) {
    House house;
    auto chat = house.opened("chat");
    auto ask = house.opened("ask");
    EXPECT_TRUE(chat->session->owns());
    EXPECT_FALSE(ask->session->owns());
    EXPECT_EQ(ask->session->owner()->kind, "chat");
    EXPECT_EQ(ask->session->owner()->generation, 1u);
    auto turn = ask->submit();
    const Id id = house.next(*turn).id;
    chat->hand->answer(id, "because");
    EXPECT_EQ(house.next(*turn).answer->text, "because");
    EXPECT_FALSE(house.sim.run(turn->next()).value());
}

TEST(Session, carries_every_operation_whoever_owns) {
    House house;
    auto chat = house.opened("chat");
    auto ask = house.opened("ask");
    for (Process* each : {chat.get(), ask.get()}) {
        Session& session = *each->session;
        EXPECT_TRUE(house.sim.run(session.cancel(house.world.ids.next())));
        EXPECT_TRUE(house.sim.run(session.shown(house.world.ids.next())));
        EXPECT_TRUE(house.sim.run(session.call("status", "{}")));
        EXPECT_EQ(house.sim.run(session.follow(house.world.ids.next())).error().code, "not_found");
        EXPECT_EQ(house.sim.run(session.call("nonsense", "{}")).error().cls, ErrorClass::request);
    }
    EXPECT_EQ(house.world.done.size(), 6u);
}

TEST(Session, goes_on_at_the_next_owner_when_the_owner_dies_in_mid_answer) {
    House house;
    auto owner = house.opened("chat");
    auto asker = house.opened("ask");
    auto turn = asker->submit();
    const Id id = house.next(*turn).id;
    owner->hand->delta(id, "beca");
    EXPECT_EQ(house.next(*turn).text, "beca");
    owner.reset();
    const Instant died = house.sim.scheduler.now();
    const auto struck = house.next(*turn);
    EXPECT_EQ(struck.kind, TurnEvent::Kind::restarted);
    EXPECT_EQ(struck.id, id);
    EXPECT_LE(elapsed(died, house.sim.scheduler.now()), Millis{1'000});
    ASSERT_TRUE(asker->session->owns());
    EXPECT_EQ(asker->session->owner()->generation, 2u);
    asker->hand->delta(id, "because");
    EXPECT_EQ(house.next(*turn).text, "because");
    asker->hand->answer(id, "because");
    EXPECT_EQ(house.next(*turn).kind, TurnEvent::Kind::answered);
    EXPECT_EQ(house.world.rows.size(), 1u);
}

TEST(Session, lets_one_of_three_clients_take_over_and_the_others_join_it) {
    House house;
    auto owner = house.opened("chat");
    std::vector<std::unique_ptr<Process>> clients;
    for (int i = 0; i < 3; ++i) clients.push_back(house.opened("ask"));
    owner.reset();
    house.sim.scheduler.run_for(Seconds{1});
    int owners = 0;
    for (auto& client : clients) {
        owners += client->session->owns() ? 1 : 0;
        ASSERT_TRUE(client->session->owner());
        EXPECT_EQ(client->session->owner()->generation, 2u);
        EXPECT_TRUE(house.sim.run(client->session->call("status", "{}")));
    }
    EXPECT_EQ(owners, 1);
    EXPECT_EQ(house.world.locks_taken, 2);
}

Task<void> submit_into(Session& session, std::unique_ptr<TurnStream>& turn) {
    auto result = co_await session.submit({.conversation = "c", .text = "why?"});
    EXPECT_TRUE(result);
    if (result) turn = std::move(*result);
}

TEST(Session, repeats_a_submit_whose_owner_died_before_it_said_so_without_doubling_it) {
    House house;
    auto owner = house.opened("chat");
    auto asker = house.opened("ask");
    owner->hand->hold_submit = true;
    std::unique_ptr<TurnStream> turn;
    TaskGroup tasks(house.sim.scheduler);
    tasks.spawn(submit_into(*asker->session, turn));
    house.sim.scheduler.settle();
    EXPECT_EQ(owner->hand->submits, 1);
    ASSERT_EQ(house.world.rows.size(), 1u);
    EXPECT_FALSE(turn);
    owner.reset();
    house.sim.scheduler.run_for(Seconds{1});
    ASSERT_TRUE(turn);
    EXPECT_EQ(asker->hand->submits, 1);
    EXPECT_EQ(house.world.rows.size(), 1u);
    EXPECT_EQ(house.next(*turn).id, house.world.rows.begin()->second.id);
}

TEST(Session, gives_each_submit_a_key_of_its_own_and_keeps_a_given_one) {
    House house;
    auto chat = house.opened("chat");
    auto one = chat->submit(), other = chat->submit(), keyed = chat->submit("mine");
    EXPECT_EQ(house.world.rows.size(), 3u);
    EXPECT_TRUE(house.world.rows.contains("mine"));
}

TEST(Session, asks_for_deliveries_again_and_does_not_show_one_twice) {
    House house;
    auto owner = house.opened("chat");
    auto client = house.opened("chat");
    auto late = house.sim.run(client->session->deliveries("terminal", "")).value();
    const Id first = house.world.ids.next(), second = house.world.ids.next();
    owner->hand->deliver({.id = first, .text = "one"});
    EXPECT_EQ(house.sim.run(late->next()).value().id, first);
    owner->hand->lose_shown = true;  // It dies before that is on disk.
    EXPECT_TRUE(house.sim.run(client->session->shown(first)));
    owner.reset();
    house.world.late.push_back({.id = second, .text = "two"});
    EXPECT_EQ(house.sim.run(late->next()).value().id, second);
    EXPECT_TRUE(client->session->owns());
    ASSERT_EQ(house.world.late.size(), 1u) << "the first was said to be shown once more";
    EXPECT_EQ(house.world.late.front().id, second);
}

TEST(Session, yields_to_a_starting_serve_and_becomes_its_client) {
    House house;
    auto chat = house.opened("chat");
    auto turn = chat->submit();
    const Id id = house.next(*turn).id;
    chat->hand->delta(id, "be");
    EXPECT_EQ(house.next(*turn).text, "be");
    auto serve = house.opened("serve");
    EXPECT_TRUE(serve->session->owns());
    EXPECT_FALSE(chat->session->owns());
    EXPECT_EQ(chat->drains, 1);
    EXPECT_EQ(chat->hand, nullptr);
    EXPECT_EQ(house.next(*turn).kind, TurnEvent::Kind::restarted);
    EXPECT_EQ(chat->session->owner()->kind, "serve");
    serve->hand->answer(id, "because");
    EXPECT_EQ(house.next(*turn).answer->text, "because");
}

TEST(Session, takes_over_within_a_second_from_the_serve_that_it_yielded_to) {
    House house;
    auto chat = house.opened("chat");
    auto serve = house.opened("serve");
    EXPECT_TRUE(house.sim.run(chat->session->call("status", "{}")));
    serve.reset();
    house.sim.scheduler.run_for(Seconds{1});
    EXPECT_TRUE(chat->session->owns());
}

TEST(Session, refuses_to_serve_beside_another_serve) {
    House house;
    auto serve = house.opened("serve");
    auto second = house.process("serve");
    EXPECT_EQ(second->open().error().code, "owner_busy");
    EXPECT_TRUE(serve->session->owns());
}

TEST(Session, says_who_does_not_answer_once_its_patience_is_over) {
    House house;
    house.world.holder = OwnerIdentity{.pid = 99, .kind = "chat"};  // It has the lock and never serves.
    auto ask = house.process("ask");
    const Instant start = house.sim.scheduler.now();
    const auto opened = ask->open();
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, "owner_unreachable");
    EXPECT_TRUE(is_owner_fault(opened.error()));
    EXPECT_THAT(opened.error().detail, ::testing::HasSubstr("chat (pid 99)"));
    EXPECT_EQ(elapsed(start, house.sim.scheduler.now()), Millis{5'000});
}

TEST(Session, ends_an_operation_at_an_owner_that_hangs) {
    House house;
    auto chat = house.opened("chat");
    auto ask = house.opened("ask");
    house.network.set_faults(place, {.stall_after = 0});
    const Instant start = house.sim.scheduler.now();
    EXPECT_EQ(house.sim.run(ask->session->call("status", "{}")).error().code, "owner_unreachable");
    EXPECT_LE(elapsed(start, house.sim.scheduler.now()), Millis{15'000});
    house.network.set_faults(place, {});
    house.sim.scheduler.run_for(Seconds{3});
    EXPECT_TRUE(house.sim.run(ask->session->call("status", "{}"))) << "it came back";
}

TEST(Session, waits_for_an_owner_that_is_still_starting) {
    House house;
    house.world.holder = OwnerIdentity{.pid = 99, .kind = "chat"};
    auto ask = house.process("ask");
    HandDesk desk(house.world);
    std::unique_ptr<ControlServer> server;
    TaskGroup tasks(house.sim.scheduler);
    tasks.spawn([](House& of, HandDesk& served, std::unique_ptr<ControlServer>& out) -> Task<void> {
        co_await sleep_for(of.sim.scheduler, Seconds{2});
        out = std::make_unique<ControlServer>(of.sim.env(), of.network.listen(place).value(), served,
                                              ControlServerOptions{});
    }(house, desk, server));
    EXPECT_TRUE(ask->open());
    EXPECT_FALSE(ask->session->owns());
}

TEST(Session, clears_the_socket_of_a_killed_owner_before_it_serves) {
    House house;
    auto chat = house.opened("chat");
    EXPECT_EQ(house.world.sockets_cleared, 1);
}

TEST(Session, gives_ownership_back_when_its_engine_cannot_be_built) {
    House house;
    auto chat = house.process("chat");
    chat->broken = true;
    const auto opened = chat->open();
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().cls, ErrorClass::storage);
    EXPECT_FALSE(house.world.holder);
    chat->broken = false;
    house.sim.scheduler.run_for(Seconds{2});
    EXPECT_TRUE(chat->session->owns()) << "it tries again";
}

TEST(Session, drains_and_lets_go_in_order_when_it_closes) {
    House house;
    auto chat = house.opened("chat");
    auto turn = chat->submit();
    turn.reset();
    auto closing = [](Session& session) -> Task<bool> {
        co_await session.close();
        co_return true;
    };
    EXPECT_TRUE(house.sim.run(closing(*chat->session)));
    EXPECT_EQ(chat->drains, 1);
    EXPECT_EQ(chat->hand, nullptr);
    EXPECT_FALSE(house.world.holder);
}

}  // namespace
}  // namespace evenkeel

#include "control/control_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "control/remote_desk.hpp"
#include "testing/hand_desk.hpp"
#include "testing/memory_network.hpp"
#include "testing/sim.hpp"

namespace evenkeel {
namespace {

using testing::HandDesk;
using ::testing::HasSubstr;
using testing::Sim;
using testing::World;
const std::string socket_path = "/data/control.sock";

/// A listener whose connections belong to some user.
class ForeignListener final : public Listener {
public:
    ForeignListener(std::unique_ptr<Listener> inner, std::uint32_t uid) : inner_(std::move(inner)), uid_(uid) {}
    Task<Result<ConnectionPtr>> accept() override {
        auto connection = co_await inner_->accept();
        if (!connection) co_return connection;
        ConnectionPtr foreign = std::make_unique<Foreign>(std::move(*connection), uid_);
        co_return foreign;
    }
    std::uint16_t port() const noexcept override { return 0; }

private:
    struct Foreign final : Connection {
        Foreign(ConnectionPtr connection, std::uint32_t user) : inner(std::move(connection)), uid(user) {}
        Io try_read(std::span<std::byte> into) override { return inner->try_read(into); }
        Io try_write(std::span<const Bytes> pieces) override { return inner->try_write(pieces); }
        void on_readable(Ready* waiter) noexcept override { inner->on_readable(waiter); }
        void on_writable(Ready* waiter) noexcept override { inner->on_writable(waiter); }
        Error error() const override { return inner->error(); }
        void close() noexcept override { inner->close(); }
        void abort() noexcept override { inner->abort(); }
        std::string peer() const override { return inner->peer(); }
        std::optional<std::uint32_t> peer_uid() const override { return uid; }
        ConnectionPtr inner;
        std::uint32_t uid;
    };
    std::unique_ptr<Listener> inner_;
    std::uint32_t uid_;
};

struct Rig {
    explicit Rig(ControlServerOptions options = {}, std::optional<std::uint32_t> peer_uid = {}) {
        options.identity = {.pid = 42, .kind = "chat", .version = "0.1.0", .generation = 7};
        auto listener = network.listen(Endpoint{.path = socket_path}).value();
        if (peer_uid) listener = std::make_unique<ForeignListener>(std::move(listener), *peer_uid);
        server = std::make_unique<ControlServer>(sim.env(), std::move(listener), desk, std::move(options));
    }
    TurnEvent next(TurnStream& turn) { return sim.run(turn.next()).value().value(); }
    std::unique_ptr<TurnStream> submit(std::string text) {
        return sim.run(remote.submit({.conversation = "c", .idempotency_key = "k", .text = std::move(text)})).value();
    }
    Sim sim;
    testing::MemoryNetwork network{sim.env()};
    World world{sim.env()};
    HandDesk desk{world};
    std::unique_ptr<ControlServer> server;
    RemoteDesk remote{sim.env(), network, socket_path};
};

TEST(ControlServer, says_who_it_is) {
    Rig rig;
    const auto who = rig.sim.run(rig.remote.who());
    ASSERT_TRUE(who);
    EXPECT_EQ(who->pid, 42u);
    EXPECT_EQ(who->kind, "chat");
    EXPECT_EQ(who->generation, 7u);
}

TEST(ControlServer, carries_a_turn_from_receipt_to_answer) {
    Rig rig;
    auto turn = rig.submit("why?");
    const auto accepted = rig.next(*turn);
    EXPECT_EQ(accepted.kind, TurnEvent::Kind::accepted);
    EXPECT_EQ(rig.world.rows["k"].message.text, "why?");
    rig.desk.delta(accepted.id, "be");
    EXPECT_EQ(rig.next(*turn).text, "be");
    rig.desk.delta(accepted.id, "cause");
    rig.desk.answer(accepted.id, "because");
    EXPECT_EQ(rig.next(*turn).text, "cause");
    const auto answered = rig.next(*turn);
    EXPECT_EQ(answered.kind, TurnEvent::Kind::answered);
    EXPECT_EQ(answered.answer->text, "because");
    EXPECT_FALSE(rig.sim.run(turn->next()).value());
    EXPECT_FALSE(rig.sim.run(turn->next()).value());
    rig.sim.scheduler.settle();
    EXPECT_EQ(rig.desk.watchers(), 0u);
}

TEST(ControlServer, goes_on_after_queued_and_follows_by_id) {
    Rig rig;
    auto turn = rig.submit("why?");
    const Id id = rig.next(*turn).id;
    rig.desk.say(id, {.kind = TurnEvent::Kind::queued, .position = 3, .eta = Millis{9}});
    EXPECT_EQ(rig.next(*turn).eta, Millis{9});
    turn.reset();
    auto again = rig.sim.run(rig.remote.follow(id)).value();
    EXPECT_EQ(rig.next(*again).kind, TurnEvent::Kind::accepted);
    EXPECT_EQ(rig.next(*again).kind, TurnEvent::Kind::queued);
    rig.desk.answer(id, "late");
    EXPECT_EQ(rig.next(*again).answer->text, "late");
}

TEST(ControlServer, passes_errors_of_the_desk_on_as_they_are) {
    Rig rig;
    EXPECT_EQ(rig.sim.run(rig.remote.submit({.conversation = "c"})).error().code, "empty");
    EXPECT_EQ(rig.sim.run(rig.remote.follow(rig.world.ids.next())).error().code, "not_found");
    const auto error = rig.sim.run(rig.remote.call("nonsense", "{}")).error();
    EXPECT_EQ(error.cls, ErrorClass::request);
    EXPECT_EQ(error.origin, Origin::caller);
}

TEST(ControlServer, carries_the_small_operations) {
    Rig rig;
    const Id id = rig.world.ids.next();
    EXPECT_TRUE(rig.sim.run(rig.remote.cancel(id)));
    EXPECT_TRUE(rig.sim.run(rig.remote.shown(id)));
    EXPECT_EQ(rig.sim.run(rig.remote.call("queue.list", R"({"all":true})")).value(), R"({"operation":"queue.list"})");
    EXPECT_THAT(rig.world.done, ::testing::ElementsAre("cancel " + to_string(id), "shown " + to_string(id),
                                                       R"(call queue.list {"all":true})"));
}

TEST(ControlServer, carries_deliveries_as_they_come) {
    Rig rig;
    auto late = rig.sim.run(rig.remote.deliveries("terminal", "")).value();
    rig.desk.deliver({.id = rig.world.ids.next(), .question = "why?", .text = "because"});
    EXPECT_EQ(rig.sim.run(late->next()).value().question, "why?");
}

TEST(ControlServer, lets_go_of_a_turn_when_its_watcher_leaves) {
    Rig rig;
    auto turn = rig.submit("why?");
    rig.next(*turn);
    EXPECT_EQ(rig.desk.watchers(), 1u);
    turn.reset();
    rig.sim.scheduler.run_for(Seconds{1});
    EXPECT_EQ(rig.desk.watchers(), 0u);
}

TEST(ControlServer, waits_for_a_slow_watcher_and_keeps_the_order) {
    Rig rig;
    auto turn = rig.submit("why?");
    const Id id = rig.next(*turn).id;
    const std::string big(10'000, 'x');
    for (int i = 0; i < 100; ++i) rig.desk.delta(id, std::to_string(i) + big);
    rig.desk.answer(id, "end");
    rig.sim.scheduler.run_for(Seconds{20});
    for (int i = 0; i < 100; ++i) ASSERT_EQ(rig.next(*turn).text, std::to_string(i) + big);
    EXPECT_EQ(rig.next(*turn).kind, TurnEvent::Kind::answered);
}

TEST(ControlServer, names_both_versions_to_a_peer_of_another_one) {
    Rig rig;
    auto client = make_http_client(rig.sim.env(), rig.network, Endpoint{.path = socket_path});
    HttpRequest request{.target = "/who", .headers = {{"x-evenkeel-control", "2"}}};
    auto reply = rig.sim.run(client->send(std::move(request))).value();
    EXPECT_EQ(reply->status(), 409);
    const std::string body(rig.sim.run(reply->read()).value());
    EXPECT_THAT(body, HasSubstr("you speak control version 2"));
    EXPECT_THAT(body, HasSubstr("chat (pid 42) of evenkeel 0.1.0 speaks version 1"));
}

TEST(ControlServer, turns_away_processes_of_another_user) {
    Rig rig({.uid = 1000}, 1001);
    EXPECT_EQ(rig.sim.run(rig.remote.who()).error().code, "owner_gone");
    EXPECT_GE(rig.sim.notes.count("control.foreign_user"), 1u);
    Rig own({.uid = 1000}, 1000);
    EXPECT_TRUE(own.sim.run(own.remote.who()));
    Rig root({.uid = 1000}, 0);
    EXPECT_TRUE(root.sim.run(root.remote.who()));
}

TEST(ControlServer, yields_only_where_it_may) {
    bool asked = false;
    Rig rig({.on_yield = [&] { asked = true; }});
    EXPECT_TRUE(rig.sim.run(rig.remote.ask_to_yield()));
    rig.sim.scheduler.settle();
    EXPECT_TRUE(asked);
    Rig serve;
    EXPECT_EQ(serve.sim.run(serve.remote.ask_to_yield()).error().code, "owner_busy");
}

}  // namespace
}  // namespace evenkeel

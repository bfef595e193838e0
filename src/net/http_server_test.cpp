#include "net/http_server.hpp"

#include "testing/memory_network.hpp"
#include "testing/sim.hpp"

namespace evenkeel {
namespace {

using testing::MemoryNetwork;
using testing::Sim;

const Endpoint place{.host = "127.0.0.1", .port = 8484};

/// Answers with the path; "/slow" only after five seconds.
Task<void> handle(HttpIncoming& request, HttpResponder& responder, Scheduler& scheduler) {
    if (request.path == "/slow") co_await sleep_for(scheduler, Seconds{5});
    (void)co_await responder.respond(200, {}, request.path);
}

Task<Result<std::string>> body_of(HttpSender& client, std::string target) {
    auto reply = co_await client.send({.target = std::move(target)});
    if (!reply) co_return fail(reply.error());
    std::string all;
    for (;;) {
        const auto bytes = co_await (*reply)->read();
        if (!bytes) co_return fail(bytes.error());
        if (bytes->empty()) co_return all;
        all += *bytes;
    }
}

struct Server : ::testing::Test {
    Sim sim;
    MemoryNetwork network{sim.env()};
    HttpServerLimits limits;
    std::unique_ptr<HttpServer> server;
    std::unique_ptr<HttpSender> client = make_http_client(sim.env(), network, place);
    std::vector<std::string> outcomes;
    TaskGroup group{sim.scheduler};

    void start() {
        server = std::make_unique<HttpServer>(
            sim.env(), std::move(*network.listen(place)),
            [&scheduler = sim.scheduler](HttpIncoming& request, HttpResponder& responder) {
                return handle(request, responder, scheduler);
            },
            limits);
    }
    /// Asks in the background; the outcome is the body or the error's class.
    void ask(std::string target) { group.spawn(record(*this, std::move(target))); }
    static Task<void> record(Server& self, std::string target) {
        const auto body = co_await body_of(*self.client, std::move(target));
        self.outcomes.emplace_back(body ? *body : std::string(to_string(body.error().cls)));
    }
    static Task<void> drain(Server& self) {
        co_await self.server->drain();
        self.outcomes.emplace_back("drained");
    }
};

TEST_F(Server, serves_many_connections_side_by_side) {
    start();
    for (int i = 0; i < 20; ++i) ask("/slow");
    ask("/fast");
    sim.scheduler.run_for(Seconds{1});
    EXPECT_EQ(outcomes, std::vector<std::string>{"/fast"});
    sim.scheduler.run_for(Seconds{4});
    EXPECT_EQ(outcomes.size(), 21U);
    EXPECT_EQ(server->port(), place.port);
}

TEST_F(Server, lets_the_next_one_wait_when_all_connections_are_taken) {
    limits.connections_max = 2;
    start();
    client = make_http_client(sim.env(), network, place, {.idle_max = 0});
    for (int i = 0; i < 3; ++i) ask("/slow");
    sim.scheduler.run_for(Seconds{5});
    EXPECT_EQ(outcomes.size(), 2U);
    sim.scheduler.run_for(Seconds{5});
    EXPECT_EQ(outcomes.size(), 3U);
}

TEST_F(Server, drains_idle_connections_at_once_and_busy_ones_when_they_are_done) {
    start();
    ask("/idle");
    sim.scheduler.settle();
    ask("/slow");
    ask("/slow");
    sim.scheduler.run_for(Seconds{1});
    group.spawn(drain(*this));
    sim.scheduler.settle();
    ask("/refused");
    sim.scheduler.run_for(Seconds{3});
    EXPECT_EQ(outcomes, (std::vector<std::string>{"/idle", "transient"}));
    sim.scheduler.run_for(Seconds{1});
    EXPECT_EQ(outcomes, (std::vector<std::string>{"/idle", "transient", "/slow", "/slow", "drained"}));
    EXPECT_EQ(network.open(place), 0U) << "and nobody keeps a connection to it";
}

TEST_F(Server, drains_at_once_when_nobody_is_there) {
    start();
    sim.run(server->drain());
    EXPECT_TRUE(network.listen(place)) << "its place is free";
}

TEST_F(Server, cancels_its_handlers_when_it_is_destroyed) {
    start();
    ask("/slow");
    sim.scheduler.run_for(Seconds{1});
    server.reset();
    sim.scheduler.run_for(Seconds{10});
    EXPECT_EQ(outcomes, std::vector<std::string>{"transient"});
}

TEST_F(Server, goes_on_after_the_listener_failed_to_accept) {
    struct Failing final : Listener {
        explicit Failing(std::unique_ptr<Listener> to) : inner(std::move(to)) {}
        Task<Result<ConnectionPtr>> accept() override {
            if (failures-- > 0) co_return own_fault(ErrorClass::transient, "too many open files");
            co_return co_await inner->accept();
        }
        std::uint16_t port() const noexcept override { return inner->port(); }
        std::unique_ptr<Listener> inner;
        int failures = 3;
    };
    HttpServer failing(sim.env(), std::make_unique<Failing>(std::move(*network.listen(place))),
                       [&scheduler = sim.scheduler](HttpIncoming& request, HttpResponder& responder) {
                           return handle(request, responder, scheduler);
                       });
    ask("/x");
    sim.scheduler.run_for(Seconds{1});
    EXPECT_EQ(outcomes, std::vector<std::string>{"/x"});
    EXPECT_EQ(sim.notes.count("http.accept_failed"), 3U);
}

TEST_F(Server, finds_the_first_field_of_a_name_without_regard_to_case) {
    const HttpIncoming request{.headers = {{"A", "1"}, {"a", "2"}}};
    EXPECT_EQ(request.header("a"), "1");
    EXPECT_EQ(request.header("b"), "");
}

}  // namespace
}  // namespace evenkeel

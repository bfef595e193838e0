#include "net/http_client.hpp"

#include "core/async.hpp"
#include "testing/memory_network.hpp"
#include "testing/sim.hpp"

namespace evenkeel {
namespace {

using testing::Faults;
using testing::MemoryNetwork;
using testing::Sim;

const Endpoint place{.host = "provider.test", .port = 80};

/// What the twin of a server does with one connection: for each request it reads, the next script; then it closes,
/// unless it `lingers`.
struct Script {
    std::vector<std::string> replies;
    bool lingers = true;
};

struct Upstream {
    Upstream(Sim& sim, MemoryNetwork& network)
        : scheduler(sim.scheduler), listener(std::move(*network.listen(place))), group(sim.scheduler) {
        group.spawn(accept(*this));
    }
    static Task<void> accept(Upstream& self) {
        for (;;) {
            auto connection = co_await self.listener->accept();
            if (!connection) co_return;
            Script script = self.scripts.empty() ? Script{} : self.scripts.front();
            if (!self.scripts.empty()) self.scripts.pop_front();
            self.group.spawn(serve(self, std::move(*connection), std::move(script)));
        }
    }
    static Task<void> serve(Upstream& self, ConnectionPtr connection, Script script) {
        std::array<std::byte, 4'096> into{};
        for (const std::string& reply : script.replies) {
            std::string received;
            while (!is_whole(received)) {
                const auto bytes = co_await read_some(*connection, into);
                if (!bytes || *bytes == 0) co_return;
                received.append(reinterpret_cast<const char*>(into.data()), *bytes);
            }
            self.requests.push_back(received);
            if (!co_await write_all(*connection, reply)) co_return;
        }
        if (!script.lingers) co_return;
        while (!self.close_all.is_set() && co_await self.leaves(*connection)) {
        }
    }
    /// Waits until the peer has closed or the test says so.
    Task<bool> leaves(Connection& connection) {
        std::array<std::byte, 64> into{};
        const auto bytes = co_await unless(close_all, read_some(connection, into));
        co_return bytes && *bytes && **bytes > 0;
    }
    static bool is_whole(const std::string& request) {
        const std::size_t end = request.find("\r\n\r\n");
        if (end == std::string::npos) return false;
        const std::size_t length = request.find("Content-Length: ");
        return length == std::string::npos ||
               request.size() >= end + 4 + static_cast<std::size_t>(std::stoi(request.substr(length + 16)));
    }
    Scheduler& scheduler;
    std::unique_ptr<Listener> listener;
    std::deque<Script> scripts;
    std::vector<std::string> requests;
    Event close_all{scheduler};
    TaskGroup group;
};

std::string ok(std::string_view body) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

Task<Result<std::string>> exchange(HttpSender& client, HttpRequest request) {
    auto reply = co_await client.send(std::move(request));
    if (!reply) co_return fail(reply.error());
    std::string all;
    for (;;) {
        const auto bytes = co_await (*reply)->read();
        if (!bytes) co_return fail(bytes.error());
        if (bytes->empty()) co_return all;
        all += *bytes;
    }
}

struct Client : ::testing::Test {
    Sim sim;
    MemoryNetwork network{sim.env()};
    Upstream upstream{sim, network};
    HttpClientLimits limits;
    std::unique_ptr<HttpSender> client;

    Result<std::string> get() { return ask({.target = "/x"}); }
    Result<std::string> ask(HttpRequest request) {
        if (!client) client = make_http_client(sim.env(), network, place, limits);
        auto body = sim.run(exchange(*client, std::move(request)));
        sim.scheduler.settle();
        return body;
    }
    void expect_error(ErrorClass cls, std::string_view code) {
        const auto reply = get();
        ASSERT_FALSE(reply);
        EXPECT_EQ(reply.error().cls, cls) << reply.error().detail;
        EXPECT_EQ(reply.error().code, code);
        EXPECT_EQ(reply.error().origin, Origin::provider);
    }
};

TEST_F(Client, sends_exactly_one_well_formed_request) {
    upstream.scripts = {{{ok("hi")}}};
    EXPECT_EQ(*ask({.method = "POST", .target = "/v1?a=b", .headers = {{"Authorization", "Bearer k"}}, .body = "{}"}),
              "hi");
    ASSERT_EQ(upstream.requests.size(), 1U);
    EXPECT_EQ(upstream.requests[0],
              "POST /v1?a=b HTTP/1.1\r\nHost: provider.test\r\nAccept-Encoding: identity\r\n"
              "User-Agent: evenkeel/" EVENKEEL_VERSION "\r\nAuthorization: Bearer k\r\nContent-Length: 2\r\n\r\n{}");
}

TEST_F(Client, keeps_connections_and_uses_the_newest_first) {
    upstream.scripts = {{{ok("1"), ok("2"), ok("3")}}};
    EXPECT_EQ(*get(), "1");
    EXPECT_EQ(*get(), "2");
    EXPECT_EQ(*get(), "3");
    EXPECT_EQ(network.dials(place), 1U);
}

TEST_F(Client, gives_the_same_through_slow_bytes_and_fragments) {
    const std::string chunks =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n";
    for (const Faults& faults :
         {Faults{.one_byte_reads = true}, Faults{.fragments = true}, Faults{.buffer_bytes = 3}}) {
        network.set_faults(place, faults);
        upstream.scripts.push_back({{chunks, ok("second")}});
        EXPECT_EQ(*get(), "hello world");
        EXPECT_EQ(*get(), "second");
        client.reset();
    }
    EXPECT_EQ(network.dials(place), 3U);
}

TEST_F(Client, gives_all_chunks_of_one_receive_at_once) {
    upstream.scripts = {
        {{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n2\r\ncd\r\n2\r\nef\r\n0\r\n\r\n"}}};
    client = make_http_client(sim.env(), network, place);
    auto reply = sim.run(client->send({}));
    ASSERT_TRUE(reply);
    EXPECT_EQ(*sim.run((*reply)->read()), "abcdef");
    EXPECT_EQ(*sim.run((*reply)->read()), "");
    EXPECT_EQ(*sim.run((*reply)->read()), "");
}

TEST_F(Client, drops_a_kept_connection_that_its_server_closed) {
    upstream.scripts = {{{ok("1")}, false}, {{ok("2")}}};
    EXPECT_EQ(*get(), "1");
    EXPECT_EQ(network.open(place), 0U);
    EXPECT_EQ(*get(), "2");
    EXPECT_EQ(network.dials(place), 2U);
}

TEST_F(Client, drops_a_kept_connection_on_which_something_unasked_arrives) {
    upstream.scripts = {{{ok("1") + "HTTP/1.1 408 Request Timeout\r\n\r\n"}}, {{ok("2")}}};
    EXPECT_EQ(*get(), "1");
    EXPECT_EQ(network.open(place), 0U);
    EXPECT_EQ(*get(), "2");
}

TEST_F(Client, asks_once_more_where_a_kept_connection_died_as_it_was_used) {
    network.set_faults(place, {.latency = Millis{10}});
    upstream.scripts = {{{ok("1")}, true}, {{ok("2")}}};
    EXPECT_EQ(*get(), "1");
    upstream.close_all.set();
    sim.scheduler.run_for(Millis{5});  // The close is on its way and not yet seen.
    upstream.close_all.clear();
    EXPECT_EQ(network.open(place), 1U);
    EXPECT_EQ(*get(), "2");
    EXPECT_EQ(network.dials(place), 2U);
}

TEST_F(Client, never_asks_again_once_a_byte_has_come_or_on_a_fresh_connection) {
    upstream.scripts = {{{"HTTP/1.1 200"}, false}, {{ok("1"), "H"}, false}, {{ok("never")}}};
    expect_error(ErrorClass::transient, "cut");
    EXPECT_EQ(*get(), "1");
    expect_error(ErrorClass::transient, "cut");
    upstream.scripts = {{{""}, false}};
    expect_error(ErrorClass::transient, "closed");
    EXPECT_EQ(network.dials(place), 3U);
}

TEST_F(Client, tells_a_cut_body_from_a_whole_one) {
    upstream.scripts = {{{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"}, false},
                        {{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"}, false},
                        {{"HTTP/1.1 200 OK\r\n\r\nhello"}, false}};
    expect_error(ErrorClass::transient, "cut");
    expect_error(ErrorClass::transient, "cut");
    EXPECT_EQ(*get(), "hello");
    EXPECT_EQ(network.open(place), 0U);
}

TEST_F(Client, closes_the_connection_of_a_reply_that_was_left_half_read) {
    upstream.scripts = {{{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"}}, {{ok("2")}}};
    client = make_http_client(sim.env(), network, place);
    auto reply = sim.run(client->send({}));
    ASSERT_TRUE(reply);
    EXPECT_EQ(*sim.run((*reply)->read()), "hello");
    reply->reset();
    EXPECT_EQ(network.open(place), 0U);
    EXPECT_EQ(*get(), "2");
}

TEST_F(Client, passes_on_why_it_could_not_connect) {
    network.set_faults(place, {.refuse = true});
    expect_error(ErrorClass::transient, "refused");
    network.set_faults(place, {.untrusted = true});
    expect_error(ErrorClass::account, "");
    network.set_faults(place, {.black_hole = true});
    expect_error(ErrorClass::silent, "");
}

TEST_F(Client, can_be_left_at_any_time_by_who_awaits_it) {
    upstream.scripts = {{{""}, true}, {{"HTTP/1.1 200 OK\r\n\r\nsome"}, true}};
    client = make_http_client(sim.env(), network, place);
    struct Run {
        static Task<bool> ends(Sim& sim, HttpSender& client) {
            auto body = co_await until(sim.scheduler, sim.scheduler.now() + Seconds{10}, exchange(client, {}));
            co_return body.has_value();
        }
    };
    EXPECT_FALSE(sim.run(Run::ends(sim, *client))) << "no head";
    EXPECT_FALSE(sim.run(Run::ends(sim, *client))) << "no end of the body";
    sim.scheduler.settle();
    EXPECT_EQ(network.open(place), 0U);
}

TEST_F(Client, closes_connections_that_idled_too_long_and_keeps_no_more_than_it_may) {
    limits = {.idle_max = 1, .idle_for = Seconds{5}};
    client = make_http_client(sim.env(), network, place, limits);
    upstream.scripts = {{{ok("1"), ok("3")}}, {{ok("2"), ok("3")}}};
    auto first = sim.run(client->send({})), second = sim.run(client->send({}));
    EXPECT_EQ(*sim.run((*first)->read()), "1");
    EXPECT_EQ(*sim.run((*second)->read()), "2");
    first->reset();
    second->reset();
    EXPECT_EQ(network.open(place), 1U);
    sim.scheduler.run_for(Seconds{4});
    EXPECT_EQ(*get(), "3");
    sim.scheduler.run_for(Millis{4'999});
    EXPECT_EQ(network.open(place), 1U);
    sim.scheduler.run_for(Millis{1});
    EXPECT_EQ(network.open(place), 0U);
}

TEST_F(Client, keeps_its_limits_and_refuses_what_is_no_answer) {
    limits = {.head_bytes_max = 100, .body_bytes_max = 10};
    upstream.scripts = {{{ok("01234567890")}},
                        {{"HTTP/1.1 200 OK\r\n\r\n01234567890"}},
                        {{"HTTP/1.1 200 OK\r\nX: " + std::string(200, 'x')}},
                        {{"<html>no</html>"}},
                        {{"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx"}}};
    expect_error(ErrorClass::bad_answer, "body_too_big");
    expect_error(ErrorClass::bad_answer, "body_too_big");
    expect_error(ErrorClass::bad_answer, "head_too_big");
    expect_error(ErrorClass::bad_answer, "not_http");
    expect_error(ErrorClass::bad_answer, "content_encoding");
    EXPECT_EQ(network.open(place), 0U);
}

TEST_F(Client, takes_an_answer_that_comes_before_the_request_was_read) {
    network.set_faults(place, {.buffer_bytes = 1'000});
    struct Early {
        static Task<void> serve(Listener& listener) {
            auto connection = std::move(*(co_await listener.accept()));
            std::array<std::byte, 100> into{};
            (void)co_await read_some(*connection, into);
            (void)co_await write_all(*connection, ok("too big"));
            co_await std::suspend_always{};
        }
    };
    upstream.group.cancel();
    TaskGroup early(sim.scheduler);
    early.spawn(Early::serve(*upstream.listener));
    EXPECT_EQ(*ask({.method = "POST", .body = std::string(100'000, 'x')}), "too big");
    EXPECT_EQ(network.open(place), 0U) << "half a request is still owed on it";
}

TEST_F(Client, sends_no_field_that_could_end_the_head) {
    for (const HttpHeaders& headers : std::vector<HttpHeaders>{{{"X", "a\r\nY: b"}},
                                                               {{"X", std::string("a\0b", 3)}},
                                                               {{"X Y", "a"}},
                                                               {{"", "a"}},
                                                               {{"content-length", "1"}},
                                                               {{"Transfer-Encoding", "chunked"}},
                                                               {{"Host", "other"}}}) {
        const auto reply = ask({.headers = headers});
        ASSERT_FALSE(reply);
        EXPECT_EQ(reply.error().cls, ErrorClass::internal);
    }
    EXPECT_EQ(ask({.target = "/a b"}).error().cls, ErrorClass::internal);
    EXPECT_EQ(ask({.target = "/\r\nX:"}).error().cls, ErrorClass::internal);
    EXPECT_EQ(ask({.method = "GET /"}).error().cls, ErrorClass::internal);
    EXPECT_EQ(network.dials(place), 0U);
}

TEST_F(Client, ends_in_an_answer_or_an_error_whichever_operation_fails) {
    const auto run = [&] {
        upstream.scripts = {{{ok("1"), ok("2")}}, {{ok("2"), ok("2")}}, {{ok("2")}}};
        client = make_http_client(sim.env(), network, place);
        const auto first = get(), second = get();
        client.reset();
        sim.scheduler.settle();
        return first && second;
    };
    const std::uint64_t before = network.operations();
    ASSERT_TRUE(run());
    const std::uint64_t operations = network.operations() - before;
    for (std::uint64_t n = 1; n <= operations; ++n) {
        network.fail_operation(n);
        (void)run();
        EXPECT_EQ(network.open(place), 0U) << n;
    }
    network.fail_operation(0);
    EXPECT_TRUE(run());
}

}  // namespace
}  // namespace evenkeel

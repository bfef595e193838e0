#include "net/http_session.hpp"

#include "testing/memory_network.hpp"
#include "testing/sim.hpp"

namespace evenkeel::http {
namespace {

using evenkeel::testing::Faults;
using evenkeel::testing::MemoryNetwork;
using evenkeel::testing::Sim;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const Endpoint place{.host = "127.0.0.1", .port = 8484};

Task<void> echo(HttpIncoming& request, HttpResponder& responder) {
    (void)co_await responder.respond(200, {{"X", "y"}}, std::string(request.method) + request.path + request.body);
}
Task<void> stream(HttpIncoming&, HttpResponder& responder) {
    (void)co_await responder.start(200, {});
    (void)co_await responder.write("hello");
    (void)co_await responder.write("");
    (void)co_await responder.write(" world");
    (void)co_await responder.finish();
}

const std::string get = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";
const std::string echoed = "HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: 5\r\n\r\nGET/a";

struct SessionTest : ::testing::Test {
    Sim sim;
    MemoryNetwork network{sim.env()};
    std::unique_ptr<Listener> listener = std::move(*network.listen(place));
    HttpServerLimits limits{.body_bytes_max = 100'000};
    HttpHandler handler = echo;
    std::vector<std::byte> scratch = std::vector<std::byte>(4'096);
    SessionSetting setting{sim.env(), limits, handler, scratch};
    ConnectionPtr client;
    bool ended = false;
    TaskGroup group{sim.scheduler};

    void connect() {
        client = std::move(*sim.run(network.dial(place)));
        group.spawn(serve(*this, std::move(*sim.run(listener->accept()))));
        sim.scheduler.settle();
    }
    static Task<void> serve(SessionTest& self, ConnectionPtr connection) {
        self.ended = false;
        Session session(self.setting, std::move(connection));
        co_await session.run();
        self.ended = true;
    }
    void send(std::string_view wire) {
        const Bytes piece = std::as_bytes(std::span(wire));
        ASSERT_EQ(client->try_write(std::span(&piece, 1)).bytes, wire.size());
        sim.scheduler.settle();
    }
    /// All that has arrived.
    std::string receive() {
        std::string all;
        std::array<std::byte, 4'096> into{};
        for (Io io; (io = client->try_read(into)).state == IoState::moved; sim.scheduler.settle())
            all.append(reinterpret_cast<const char*>(into.data()), io.bytes);
        return all;
    }
    std::string talk(std::string_view wire) {
        if (!client) connect();
        send(wire);
        return receive();
    }
};

TEST_F(SessionTest, answers_and_keeps_the_connection) {
    EXPECT_EQ(talk(get), echoed);
    EXPECT_EQ(talk("\r\n" + get), echoed);
    EXPECT_FALSE(ended);
}

TEST_F(SessionTest, answers_the_same_byte_by_byte_and_through_fragments) {
    for (const Faults& faults : {Faults{.one_byte_reads = true}, Faults{.fragments = true}}) {
        network.set_faults(place, faults);
        connect();
        for (const char byte : get) send(std::string_view(&byte, 1));
        EXPECT_EQ(receive(), echoed);
    }
}

TEST_F(SessionTest, answers_pipelined_requests_one_after_the_other) {
    EXPECT_EQ(talk(get + "POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi" + get),
              echoed + "HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: 8\r\n\r\nPOST/bhi" + echoed);
}

TEST_F(SessionTest, finishes_what_was_sent_ahead_by_a_peer_that_then_closed_its_side) {
    int handled = 0;
    handler = [&handled](HttpIncoming& request, HttpResponder& responder) {
        ++handled;
        return echo(request, responder);
    };
    connect();
    const std::string both = get + get;
    const Bytes piece = std::as_bytes(std::span(std::string_view(both)));
    ASSERT_EQ(client->try_write(std::span(&piece, 1)).bytes, both.size());
    client->close();
    sim.scheduler.settle();
    EXPECT_EQ(handled, 2);
    EXPECT_TRUE(ended);
}

TEST_F(SessionTest, frames_replies_for_each_version_and_method) {
    handler = stream;
    EXPECT_EQ(talk(get), "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n");
    EXPECT_EQ(talk("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n"), "HTTP/1.1 200 OK\r\n\r\n");
    EXPECT_EQ(talk("GET / HTTP/1.0\r\n\r\n"), "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello world");
    EXPECT_TRUE(ended);
    handler = echo;
    connect();
    EXPECT_EQ(talk("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n"), "HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: 5\r\n\r\n");
    EXPECT_EQ(talk("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"),
              "HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\nGET/a");
    EXPECT_FALSE(ended);
    EXPECT_EQ(talk("GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
              "HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: 5\r\nConnection: close\r\n\r\nGET/a");
    EXPECT_TRUE(ended);
}

TEST_F(SessionTest, sends_no_body_where_the_status_has_none) {
    handler = [](HttpIncoming&, HttpResponder& responder) -> Task<void> {
        (void)co_await responder.respond(204, {}, "never");
    };
    EXPECT_EQ(talk(get + get), "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n");
}

TEST_F(SessionTest, refuses_closes_and_never_reads_what_was_smuggled_behind) {
    int handled = 0;
    handler = [&handled](HttpIncoming& request, HttpResponder& responder) {
        ++handled;
        return echo(request, responder);
    };
    for (const std::string_view bad :
         {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n",
          "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n",
          "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 40\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: x\r\nX : y\r\n\r\n", "GET / HTTP/1.1\r\n\r\n"}) {
        connect();
        const std::string answer = talk(std::string(bad) + "0\r\n\r\n" + get);
        EXPECT_THAT(answer, HasSubstr("Connection: close\r\n")) << bad;
        EXPECT_EQ(answer.find("HTTP/1.1", 1), std::string::npos) << "one answer only";
        EXPECT_NE(answer.substr(9, 1), "2");
        client->close();
        sim.scheduler.settle();
        EXPECT_TRUE(ended);
    }
    EXPECT_EQ(handled, 0);
}

TEST_F(SessionTest, drops_the_rest_of_a_refused_request_for_a_while_so_that_the_answer_arrives) {
    EXPECT_THAT(talk("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n"), StartsWith("HTTP/1.1 413 "));
    EXPECT_EQ(talk(std::string(50'000, 'x')), "");
    EXPECT_FALSE(ended);
    sim.scheduler.run_for(Seconds{2});
    EXPECT_TRUE(ended);
}

TEST_F(SessionTest, answers_an_expectation_before_the_body_and_only_then) {
    EXPECT_EQ(talk("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"),
              "HTTP/1.1 100 Continue\r\n\r\n");
    EXPECT_EQ(talk("hi"), "HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: 7\r\n\r\nPOST/hi");
    EXPECT_THAT(talk("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 999999\r\n\r\n"),
                StartsWith("HTTP/1.1 413 "));
}

TEST_F(SessionTest, limits_the_time_of_each_phase_however_the_bytes_drip) {
    connect();
    sim.scheduler.run_for(limits.idle_timeout - Millis{1});
    EXPECT_FALSE(ended);
    sim.scheduler.run_for(Millis{1});
    EXPECT_TRUE(ended) << "idle";
    EXPECT_EQ(receive(), "");

    connect();
    for (int second = 0; second < 10; ++second) {
        send(second == 0 ? "GET / HTTP/1.1\r\nX: " : "a");
        EXPECT_EQ(receive(), "");
        sim.scheduler.run_for(Seconds{1});
    }
    EXPECT_THAT(receive(), StartsWith("HTTP/1.1 408 ")) << "head";

    connect();
    send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9000\r\n\r\n");
    for (int second = 0; second < 30; ++second) {
        EXPECT_EQ(receive(), "") << second;
        send("a");
        sim.scheduler.run_for(Seconds{1});
    }
    EXPECT_THAT(receive(), StartsWith("HTTP/1.1 408 ")) << "body";
}

TEST_F(SessionTest, starts_the_limits_anew_for_each_request) {
    for (int round = 0; round < 20; ++round) {
        EXPECT_EQ(talk(get), echoed) << round;
        sim.scheduler.run_for(limits.idle_timeout - Millis{1});
        EXPECT_EQ(talk("GET /a HTTP/1.1\r\nHo"), "");
        sim.scheduler.run_for(limits.head_timeout - Millis{1});
        EXPECT_EQ(talk("st: x\r\n\r\n"), echoed) << round;
    }
}

struct Gone {
    static Task<void> wait(HttpIncoming&, HttpResponder& responder, bool& told) {
        co_await responder.gone().wait();
        told = true;
        (void)co_await responder.respond(200, {}, "too late");
    }
};

TEST_F(SessionTest, tells_a_working_handler_that_its_peer_has_gone) {
    for (const bool reset : {false, true}) {
        bool told = false;
        handler = [&told](HttpIncoming& request, HttpResponder& responder) {
            return Gone::wait(request, responder, told);
        };
        connect();
        send(get);
        sim.scheduler.run_for(Seconds{300});
        EXPECT_FALSE(told);
        EXPECT_FALSE(ended) << "no limit of reading holds while a handler works";
        if (reset)
            network.reset_all(place);
        else
            client->close();
        sim.scheduler.settle();
        EXPECT_TRUE(told);
        EXPECT_TRUE(ended);
    }
}

TEST_F(SessionTest, holds_the_writer_back_and_gives_a_peer_up_that_takes_nothing) {
    struct Flood {
        static Task<void> write(HttpResponder& responder, int& written, ErrorClass& error) {
            (void)co_await responder.start(200, {});
            const std::string chunk(10'000, 'x');
            for (; written < 1'000; ++written)
                if (const auto sent = co_await responder.write(chunk); !sent) {
                    error = sent.error().cls;
                    co_return;
                }
        }
    };
    int written = 0;
    auto error = ErrorClass::internal;
    handler = [&](HttpIncoming&, HttpResponder& responder) { return Flood::write(responder, written, error); };
    connect();
    send(get);
    EXPECT_LT(written, 10);
    const int before = written;
    sim.scheduler.run_for(limits.write_timeout - Seconds{1});
    std::array<std::byte, 30'000> into{};
    EXPECT_EQ(client->try_read(into).bytes, into.size());
    sim.scheduler.settle();
    EXPECT_GT(written, before) << "it went on as soon as there was room";
    EXPECT_FALSE(ended);
    sim.scheduler.run_for(limits.write_timeout);
    EXPECT_TRUE(ended);
    EXPECT_EQ(error, ErrorClass::cancelled);
}

TEST_F(SessionTest, sends_a_large_body_whole_to_a_slow_peer) {
    handler = [](HttpIncoming&, HttpResponder& responder) -> Task<void> {
        (void)co_await responder.respond(200, {}, std::string(2'000'000, 'x'));
    };
    std::string all = talk(get);
    EXPECT_EQ(all.size(), 2'000'000 + std::string_view("HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n").size());
}

TEST_F(SessionTest, cuts_the_reply_of_a_handler_that_did_not_end_it) {
    handler = [](HttpIncoming&, HttpResponder& responder) -> Task<void> {
        (void)co_await responder.start(200, {});
        (void)co_await responder.write("half");
    };
    EXPECT_EQ(talk(get), "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n");
    EXPECT_TRUE(ended);
    handler = [](HttpIncoming&, HttpResponder&) -> Task<void> { co_return; };
    connect();
    EXPECT_EQ(talk(get), "");
    EXPECT_TRUE(ended);
}

TEST_F(SessionTest, sends_raw_bytes_as_they_are_and_then_closes) {
    handler = [](HttpIncoming&, HttpResponder& responder) -> Task<void> {
        (void)co_await responder.write_raw("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nlie");
        (void)co_await responder.finish();
    };
    EXPECT_EQ(talk(get + get), "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nlie");
    EXPECT_TRUE(ended);
}

TEST_F(SessionTest, answers_500_for_a_handler_that_throws_or_gives_what_cannot_be_sent) {
    handler = [](HttpIncoming&, HttpResponder&) -> Task<void> {
        throw std::runtime_error("a defect");
        co_return;
    };
    EXPECT_THAT(talk(get), StartsWith("HTTP/1.1 500 "));
    handler = [](HttpIncoming&, HttpResponder& responder) -> Task<void> {
        (void)co_await responder.respond(200, {{"X", "a\r\nSet-Cookie: b"}}, "");
    };
    EXPECT_THAT(talk(get), StartsWith("HTTP/1.1 500 "));
    EXPECT_EQ(sim.notes.count("http.handler_failed"), 2U);
}

TEST_F(SessionTest, ends_with_the_request_at_hand_when_draining) {
    EXPECT_EQ(talk(get), echoed);
    setting.draining = true;
    EXPECT_EQ(talk(get), "HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: 5\r\nConnection: close\r\n\r\nGET/a");
    EXPECT_TRUE(ended);
}

TEST_F(SessionTest, ends_whichever_operation_fails) {
    for (std::uint64_t n = 1; n <= 12; ++n) {
        connect();
        network.fail_operation(n);
        const Bytes piece = std::as_bytes(std::span(std::string_view(get)));
        for (int round = 0; round < 3; ++round) {
            (void)client->try_write(std::span(&piece, 1));
            sim.scheduler.settle();
            (void)receive();
        }
        client->close();
        sim.scheduler.settle();
        EXPECT_TRUE(ended) << n;
        network.fail_operation(0);
    }
}

}  // namespace
}  // namespace evenkeel::http

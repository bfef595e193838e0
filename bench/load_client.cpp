// The load: load_client MODE PORT CONNECTIONS TOTAL BODY_KB [EVENTS MICROSECONDS HOLD_SECONDS]
//
// MODE req: as many requests as go, JSON answers; sse: streams; hold: open CONNECTIONS streams and keep them open.
// Environment: BENCH_PATH, BENCH_MODEL, BENCH_HEADERS (lines "Name: value"), BENCH_TOK (bytes of text in an event),
// BENCH_RUN_S (begin nothing new after so long), BENCH_THINK_US (pause before each request), BENCH_FIRST=1 (the first
// event comes at once), BENCH_STATUS (what an answer must have, 200). Prints one line of name=value.
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bench/wire.hpp"

namespace bench {
namespace {

const char* setting(const char* name, const char* otherwise) {
    const char* const value = getenv(name);
    return value != nullptr && *value != '\0' ? value : otherwise;
}

struct Plan {
    bool streams = false, holds = false;
    int port = 0;
    std::size_t connections = 1;
    long total = 0, think_us = 0, status = 200;
    int hold_s = 0;
    std::uint64_t stop_at = UINT64_MAX;
    std::string request;
};

struct Peer {
    int fd = -1;
    std::string in, text;
    std::size_t sent = 0, read = 0;
    long left = 0;
    std::uint64_t began = 0;
    Head head;
    Chunks chunks;
    bool busy = false, has_head = false, has_event = false, whole = false;
};

struct Figures {
    long started = 0, finished = 0, events = 0, errors = 0, unmarked = 0, reconnected = 0, heads = 0;
    std::vector<std::uint64_t> latency, first_byte, first_event;
};

class Client {
public:
    explicit Client(Plan plan) : plan_(std::move(plan)), epoll_(epoll_create1(0)) {}

    int run() {
        const std::uint64_t began = now_ns();
        deadline_ = began + static_cast<std::uint64_t>(plan_.hold_s > 0 ? plan_.hold_s : 120) * 1'000'000'000U;
        for (std::size_t i = 0; i < plan_.connections && (plan_.holds || more()); ++i) {
            peers_.push_back(std::make_unique<Peer>());
            connect_to(*peers_.back());
            begin(*peers_.back());
            if (plan_.holds) pace(i);
        }
        while ((plan_.holds || more() || figures_.finished < figures_.started) && figures_.finished < plan_.total &&
               now_ns() < deadline_) {
            turn(plan_.holds ? 100 : 1'000);
            if (plan_.holds) tell_open();
        }
        report(static_cast<double>(now_ns() - began) / 1e9);
        return figures_.errors > 0 ? 2 : 0;
    }

private:
    bool more() const { return figures_.started < plan_.total && now_ns() < plan_.stop_at; }

    /// Streams are opened no faster than they are taken.
    void pace(std::size_t opened) {
        for (int i = 0; i < 2 && figures_.started - figures_.heads > 100; ++i) turn(2);
        if (opened % 50 == 49) usleep(2'000);
        tell_open();
    }

    void connect_to(Peer& peer) const {
        peer.fd = socket(AF_INET, SOCK_STREAM, 0);
        const sockaddr_in address = loopback(plan_.port);
        if (peer.fd < 0 || connect(peer.fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
            std::perror("load_client: connect");
            std::exit(1);
        }
        make_ready(peer.fd);
        epoll_event event{};
        event.events = EPOLLIN | EPOLLOUT | EPOLLET | EPOLLRDHUP;
        event.data.ptr = &peer;
        epoll_ctl(epoll_, EPOLL_CTL_ADD, peer.fd, &event);
    }

    void begin(Peer& peer) {
        if (plan_.think_us > 0) usleep(static_cast<useconds_t>(plan_.think_us));
        const int fd = peer.fd;
        peer = Peer{};
        peer.fd = fd;
        peer.busy = true;
        ++figures_.started;
        peer.began = now_ns();
        push(peer);
    }

    void push(Peer& peer) const {
        while (peer.sent < plan_.request.size()) {
            const ssize_t put =
                send(peer.fd, plan_.request.data() + peer.sent, plan_.request.size() - peer.sent, MSG_NOSIGNAL);
            if (put < 0) return;
            peer.sent += static_cast<std::size_t>(put);
        }
    }

    void turn(int wait_ms) {
        std::array<epoll_event, 512> events{};
        const int count = epoll_wait(epoll_, events.data(), events.size(), wait_ms);
        for (int i = 0; i < count; ++i) {
            Peer& peer = *static_cast<Peer*>(events[static_cast<std::size_t>(i)].data.ptr);
            if (peer.busy && peer.sent < plan_.request.size()) push(peer);
            if ((events[static_cast<std::size_t>(i)].events & ~std::uint32_t{EPOLLOUT}) != 0) receive(peer);
        }
    }

    void receive(Peer& peer) {
        static std::array<char, 262'144> buffer;
        for (;;) {
            const ssize_t got = recv(peer.fd, buffer.data(), buffer.size(), 0);
            if (got < 0 && errno == EAGAIN) return;
            if (got <= 0) return closed(peer, got == 0);
            const int fd = peer.fd;
            take(peer, std::string_view(buffer.data(), static_cast<std::size_t>(got)));
            if (peer.fd != fd || static_cast<std::size_t>(got) < buffer.size()) return;
        }
    }

    void closed(Peer& peer, bool in_order) {
        if (!peer.busy) {
            close(std::exchange(peer.fd, -1));
            return;
        }
        if (in_order && peer.has_head && !peer.head.chunked && peer.head.length < 0) return complete(peer);
        fail(peer, "closed by the peer");
        if (plan_.holds || !more()) {
            close(std::exchange(peer.fd, -1));
        } else {
            reconnect(peer);
            begin(peer);
        }
    }

    void reconnect(Peer& peer) {
        close(peer.fd);
        ++figures_.reconnected;
        connect_to(peer);
    }

    void fail(Peer& peer, const char* why) {
        if (figures_.errors++ < 3)
            std::fprintf(stderr, "%s: %.300s\n", why, peer.in.empty() ? peer.text.c_str() : peer.in.c_str());
        peer.busy = false;
        ++figures_.finished;
    }

    void complete(Peer& peer) {
        peer.busy = false;
        ++figures_.finished;
        if (plan_.streams && !peer.whole) ++figures_.unmarked;
        if (!plan_.streams) figures_.latency.push_back(now_ns() - peer.began);
        const bool again = peer.head.keeps_alive && (peer.head.chunked || peer.head.length >= 0);
        if (!more()) return;
        if (!again) reconnect(peer);
        begin(peer);
    }

    void take(Peer& peer, std::string_view bytes) {
        if (!peer.busy) return;
        const std::uint64_t now = now_ns();
        std::string rest;
        if (!peer.has_head) {
            peer.in += bytes;
            peer.head = read_head(peer.in);
            if (peer.head.bytes == 0) return;
            rest = peer.in.substr(peer.head.bytes);
            bytes = rest;
            peer.has_head = true;
            peer.left = peer.head.length;
            ++figures_.heads;
            figures_.first_byte.push_back(now - peer.began);
            if (peer.head.broken || peer.head.status != plan_.status) return fail(peer, "another status");
            peer.in.clear();
            if (!peer.head.chunked && peer.head.length == 0) return complete(peer);
        }
        if (peer.head.chunked) {
            peer.chunks.feed(bytes, [&](std::string_view piece) { take_body(peer, piece, now); });
            if (peer.chunks.done()) complete(peer);
            return;
        }
        take_body(peer, bytes, now);
        if (peer.head.length >= 0 && (peer.left -= static_cast<long>(bytes.size())) <= 0) complete(peer);
    }

    void take_body(Peer& peer, std::string_view bytes, std::uint64_t now) {
        if (!plan_.streams) return;
        peer.text += bytes;
        for (std::size_t end = peer.text.find("\n\n", peer.read); end != std::string::npos;
             end = peer.text.find("\n\n", peer.read)) {
            const std::string_view event = std::string_view(peer.text).substr(peer.read, end - peer.read);
            if (const std::size_t stamp = event.find(" @"); stamp != std::string_view::npos) {
                const std::uint64_t at = std::strtoull(event.data() + stamp + 2, nullptr, 10);
                figures_.latency.push_back(now > at ? now - at : 0);
                ++figures_.events;
                if (!std::exchange(peer.has_event, true)) figures_.first_event.push_back(now - peer.began);
            } else if (event.contains("[DONE]")) {
                peer.whole = true;
            }
            peer.read = end + 2;
        }
        if (peer.read > 4'096) peer.text.erase(0, std::exchange(peer.read, 0));
    }

    /// For whoever waits until all streams are open.
    void tell_open() {
        const std::uint64_t now = now_ns();
        const bool all = figures_.heads >= static_cast<long>(plan_.connections);
        if (told_ || (!all && now - told_at_ < 500'000'000)) return;
        std::printf("%s %ld err %ld conns %ld\n", all ? "OPEN" : "GOT", figures_.heads, figures_.errors,
                    figures_.started);
        std::fflush(stdout);
        told_at_ = now;
        told_ = all;
        if (all) deadline_ = now + static_cast<std::uint64_t>(plan_.hold_s) * 1'000'000'000U;
    }

    static void print_tail(const char* name, std::vector<std::uint64_t>& values) {
        if (values.empty()) return;
        std::ranges::sort(values);
        const auto at = [&](double share) {
            const auto place = static_cast<std::size_t>(share * static_cast<double>(values.size()));
            return static_cast<double>(values[std::min(values.size() - 1, place)]) / 1e3;
        };
        std::printf("%s_p50=%.1f %s_p90=%.1f %s_p99=%.1f ", name, at(.5), name, at(.9), name, at(.99));
    }

    void report(double seconds) {
        const Figures& f = figures_;
        std::printf("finished=%ld events=%ld err=%ld nodone=%ld reconn=%ld wall=%.4f rate=%.1f erate=%.1f ", f.finished,
                    f.events, f.errors, f.unmarked, f.reconnected, seconds, static_cast<double>(f.finished) / seconds,
                    static_cast<double>(f.events) / seconds);
        print_tail("lat", figures_.latency);
        print_tail("ttfb", figures_.first_byte);
        print_tail("ttfe", figures_.first_event);
        std::printf("\n");
    }

    Plan plan_;
    int epoll_;
    std::vector<std::unique_ptr<Peer>> peers_;
    Figures figures_;
    std::uint64_t deadline_ = 0, told_at_ = 0;
    bool told_ = false;
};

std::string body_of(const Plan& plan, double kilobytes, const std::string& wish) {
    std::string body = std::string(R"({"model":")") + setting("BENCH_MODEL", "gpt-4o-mini") +
                       R"(","temperature":0.7,"messages":[{"role":"system","content":"You are a helpful assistant."},)"
                       R"({"role":"user","content":")" +
                       wish;
    const std::string tail =
        plan.streams ? R"("}],"stream":true,"stream_options":{"include_usage":true}})" : R"("}],"stream":false})";
    while (static_cast<double>(body.size() + tail.size()) < kilobytes * 1'024) body += "the quick brown fox \\n";
    return body + tail;
}

/// What the official Python library sends along.
std::string request_of(const Plan& plan, const std::string& body) {
    std::string more, given = setting("BENCH_HEADERS", "");
    for (std::size_t at = 0; at < given.size();) {
        const std::size_t end = std::min(given.find('\n', at), given.size());
        if (end > at) more += given.substr(at, end - at) + "\r\n";
        at = end + 1;
    }
    if (!more.contains("uthorization:")) more += "Authorization: Bearer sk-0123456789abcdef0123456789abcdef\r\n";
    return std::string("POST ") + setting("BENCH_PATH", "/v1/chat/completions") +
           " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(plan.port) +
           "\r\nAccept: application/json\r\nContent-Type: application/json\r\nUser-Agent: OpenAI/Python 1.30.1\r\n"
           "X-Stainless-Lang: python\r\nX-Stainless-Package-Version: 1.30.1\r\nAccept-Encoding: identity\r\n" +
           more + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

Plan plan_of(int count, char** words) {
    const auto number = [&](int place, long otherwise) { return count > place ? std::atol(words[place]) : otherwise; };
    Plan plan;
    const std::string mode = words[1];
    plan.streams = mode != "req";
    plan.holds = mode == "hold";
    plan.port = static_cast<int>(number(2, 0));
    plan.connections = static_cast<std::size_t>(number(3, 1));
    plan.total = number(4, 1);
    plan.hold_s = static_cast<int>(number(8, 0));
    plan.think_us = std::atol(setting("BENCH_THINK_US", "0"));
    plan.status = std::atol(setting("BENCH_STATUS", "200"));
    const double run_s = std::atof(setting("BENCH_RUN_S", "0"));
    if (run_s > 0) plan.stop_at = now_ns() + static_cast<std::uint64_t>(run_s * 1e9);
    std::string wish;
    if (plan.streams)
        wish = " x_n=" + std::to_string(number(6, 200)) + " x_us=" + std::to_string(number(7, 1'000)) +
               " x_tok=" + setting("BENCH_TOK", "21") +
               (std::atoi(setting("BENCH_FIRST", "0")) != 0 ? " x_first=1" : "") + " ; ";
    plan.request = request_of(plan, body_of(plan, std::atof(words[5]), wish));
    return plan;
}

}  // namespace
}  // namespace bench

int main(int count, char** words) {
    if (count < 6) {
        std::fputs("usage: load_client req|sse|hold PORT CONNECTIONS TOTAL BODY_KB [EVENTS US HOLD_S]\n", stderr);
        return 64;
    }
    std::signal(SIGPIPE, SIG_IGN);
    return bench::Client(bench::plan_of(count, words)).run();
}

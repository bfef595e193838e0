// A provider that answers at once and at little cost: mock_provider PORT
//
// One thread. `"stream":true` in a body is answered with server-sent events; what they are like stands in the prompt,
// so that it survives gateways which drop unknown fields: x_n=N events, x_us=microseconds between two, x_tok=bytes of
// text in each (≥ 21), x_first=1: the first at once. Each event holds the time at which it was sent ("@" and 19 digits
// of nanoseconds). Other posts get one JSON answer of 1 KB, GETs a list of models.
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "bench/wire.hpp"

namespace bench {
namespace {

constexpr std::size_t event_bytes_min = 180;
constexpr std::size_t backlog_max = 64 * 1024;  ///< Of a reader that takes nothing.

struct Peer {
    int fd = -1;
    std::string in, out;
    long left = 0;  ///< Events still to come.
    std::uint64_t interval = 0;
    std::size_t token_bytes = 21;
    bool streams = false, begun = false, dead = false;
    int scheduled = 0;  ///< Places in the queues.
};

struct Due {
    std::uint64_t at;
    Peer* peer;
};

class Provider {
public:
    explicit Provider(int port) : epoll_(epoll_create1(0)), listener_(listen_at(port)) { watch(listener_, nullptr); }

    [[noreturn]] void run() {
        std::array<epoll_event, 512> events{};
        for (;;) {
            timespec wait{};
            const bool waits = until_next(wait);
            const int count = epoll_pwait2(epoll_, events.data(), events.size(), waits ? &wait : nullptr, nullptr);
            for (int i = 0; i < count; ++i) handle(events[static_cast<std::size_t>(i)]);
            send_due();
        }
    }

private:
    static int listen_at(int port) {
        const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        const int on = 1;
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        const sockaddr_in address = loopback(port);
        if (bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || listen(fd, 4096) != 0) {
            std::perror("mock_provider");
            std::exit(1);
        }
        return fd;
    }

    void watch(int fd, Peer* peer) const {
        epoll_event event{};
        event.events = EPOLLIN | EPOLLRDHUP;
        event.data.ptr = peer;
        epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
    }

    bool until_next(timespec& wait) const {
        std::uint64_t next = UINT64_MAX;
        for (const auto& [interval, queue] : queues_)
            if (!queue.empty()) next = std::min(next, queue.front().at);
        if (next == UINT64_MAX) return false;
        const std::uint64_t now = now_ns();
        // Very short sleeps would cost more than they give.
        const std::uint64_t nanos = next > now ? std::max<std::uint64_t>(next - now, 5'000) : 0;
        wait.tv_sec = static_cast<time_t>(nanos / 1'000'000'000);
        wait.tv_nsec = static_cast<long>(nanos % 1'000'000'000);
        return true;
    }

    void handle(const epoll_event& event) {
        Peer* const peer = static_cast<Peer*>(event.data.ptr);
        if (peer == nullptr) return accept_all();
        if (peer->dead) return drop(peer);
        if ((event.events & EPOLLOUT) != 0) flush(*peer);
        if ((event.events & (EPOLLIN | EPOLLHUP | EPOLLRDHUP | EPOLLERR)) == 0) return;
        static std::array<char, 65536> buffer;
        const ssize_t got = recv(peer->fd, buffer.data(), buffer.size(), 0);
        if (got < 0 && errno == EAGAIN) return;
        if (got <= 0) return drop(peer);
        peer->in.append(buffer.data(), static_cast<std::size_t>(got));
        while (!peer->in.empty() && answer(*peer)) {
        }
    }

    void accept_all() const {
        for (int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK); fd >= 0;
             fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK)) {
            make_ready(fd);
            Peer* const peer = new Peer;
            peer->fd = fd;
            watch(fd, peer);
        }
    }

    static void drop(Peer* peer) {
        if (peer->fd >= 0) close(std::exchange(peer->fd, -1));
        peer->dead = true;
        if (peer->scheduled == 0) delete peer;
    }

    void write(Peer& peer, std::string_view bytes) const {
        if (!peer.out.empty()) {
            peer.out += bytes;
            return;
        }
        ssize_t put = send(peer.fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (put < 0 && errno != EAGAIN) {
            peer.dead = true;
            return;
        }
        put = std::max<ssize_t>(put, 0);
        if (static_cast<std::size_t>(put) == bytes.size()) return;
        peer.out = bytes.substr(static_cast<std::size_t>(put));
        rewatch(peer, EPOLLOUT);
    }

    void flush(Peer& peer) const {
        const ssize_t put = send(peer.fd, peer.out.data(), peer.out.size(), MSG_NOSIGNAL);
        if (put > 0) peer.out.erase(0, static_cast<std::size_t>(put));
        if (peer.out.empty()) rewatch(peer, 0);
    }

    void rewatch(Peer& peer, std::uint32_t more) const {
        epoll_event event{};
        event.events = EPOLLIN | EPOLLRDHUP | more;
        event.data.ptr = &peer;
        epoll_ctl(epoll_, EPOLL_CTL_MOD, peer.fd, &event);
    }

    /// True if a whole request was answered.
    bool answer(Peer& peer) {
        const Head head = read_head(peer.in);
        if (head.bytes == 0) return false;
        const std::string_view rest = std::string_view(peer.in).substr(head.bytes);
        std::size_t body = head.length > 0 ? static_cast<std::size_t>(head.length) : 0;
        if (head.chunked) {
            Chunks chunks;
            body = chunks.feed(rest, [](std::string_view) {});
            if (!chunks.done()) return false;
        }
        if (rest.size() < body) return false;
        if (head.first == "GET")
            write(peer, models_reply());
        else
            answer_post(peer, rest.substr(0, body));
        peer.in.erase(0, head.bytes + body);
        return true;
    }

    void answer_post(Peer& peer, std::string_view body) {
        if (!body.contains("\"stream\":true") && !body.contains("\"stream\": true")) return write(peer, json_reply());
        peer.left = number_after(body, "x_n=", 200);
        peer.interval = static_cast<std::uint64_t>(number_after(body, "x_us=", 1'000)) * 1'000;
        peer.token_bytes = static_cast<std::size_t>(std::clamp(number_after(body, "x_tok=", 21), 21L, 4'000L));
        peer.begun = false;
        peer.streams = true;
        write(peer,
              "HTTP/1.1 200 OK\r\nServer: mock\r\nContent-Type: text/event-stream; charset=utf-8\r\n"
              "Cache-Control: no-cache\r\nX-Request-Id: req_0123456789abcdef\r\nTransfer-Encoding: chunked\r\n"
              "Connection: keep-alive\r\n\r\n");
        if (number_after(body, "x_first=", 0) != 0) {
            send_event(peer);
            if (peer.streams && !peer.dead) schedule(peer, now_ns() + peer.interval);
            return;
        }
        phase_ = (phase_ + 7'919) % 1'000;  // Streams that begin together do not step together.
        schedule(peer, now_ns() + peer.interval * phase_ / 1'000);
    }

    void schedule(Peer& peer, std::uint64_t at) {
        ++peer.scheduled;
        for (auto& [interval, queue] : queues_)
            if (interval == peer.interval) return queue.push_back({at, &peer});
        queues_.emplace_back(peer.interval, std::deque<Due>{{at, &peer}});
    }

    void send_due() {
        const std::uint64_t now = now_ns();
        for (auto& [interval, queue] : queues_) {
            for (int turns = 256; turns > 0 && !queue.empty() && queue.front().at <= now; --turns) {
                const Due due = queue.front();
                queue.pop_front();
                Peer* const peer = due.peer;
                --peer->scheduled;
                if (peer->dead) {
                    if (peer->fd < 0 && peer->scheduled == 0) delete peer;
                    continue;
                }
                if (peer->out.size() <= backlog_max) send_event(*peer);
                if (!peer->streams || peer->dead) continue;
                ++peer->scheduled;
                queue.push_back({std::max(due.at, now - interval) + interval, peer});
            }
        }
    }

    void send_event(Peer& peer) const {
        constexpr std::string_view chunk_head =
            R"(data: {"id":"chatcmpl-9x","object":"chat.completion.chunk","created":1700000000,"model":"m1",)"
            R"("choices":[)";
        std::string text(chunk_head);
        if (peer.left-- == 0) {
            peer.streams = false;
            text += "{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
            text += chunk_head;
            text += "],\"usage\":{\"prompt_tokens\":100,\"completion_tokens\":200,\"total_tokens\":300}}\n\n";
            text += "data: [DONE]\n\n";
        } else {
            std::array<char, 32> stamp{};
            std::snprintf(stamp.data(), stamp.size(), " @%019llu", static_cast<unsigned long long>(now_ns()));
            text += "{\"index\":0,\"delta\":{";
            if (!std::exchange(peer.begun, true)) text += "\"role\":\"assistant\",";
            text.append("\"content\":\"").append(stamp.data());
            for (std::size_t i = 21; i < peer.token_bytes; ++i) text += "abcdefghi jklmnopqrs tuvwxyz "[i % 29];
            text += "\"},\"finish_reason\":null}]}";
            if (text.size() < event_bytes_min - 2) text.resize(event_bytes_min - 2, ' ');
            text += "\n\n";
        }
        std::array<char, 24> size{};
        std::snprintf(size.data(), size.size(), "%zx\r\n", text.size());
        write(peer, size.data() + text + (peer.streams ? "\r\n" : "\r\n0\r\n\r\n"));
    }

    static std::string reply_with(const std::string& body) {
        return "HTTP/1.1 200 OK\r\nServer: mock\r\nContent-Type: application/json\r\n"
               "X-Request-Id: req_0123456789abcdef\r\nContent-Length: " +
               std::to_string(body.size()) + "\r\nConnection: keep-alive\r\n\r\n" + body;
    }
    static const std::string& models_reply() {
        static const std::string reply =
            reply_with(R"({"object":"list","data":[{"id":"gpt-4o-mini","object":"model","created":1700000000,)"
                       R"("owned_by":"mock"}]})");
        return reply;
    }
    static const std::string& json_reply() {
        static const std::string reply = [] {
            std::string body =
                R"({"id":"chatcmpl-9x","object":"chat.completion","created":1700000000,"model":"m1","choices":[)"
                R"({"index":0,"message":{"role":"assistant","content":")";
            const std::string tail = R"("},"finish_reason":"stop"}],"usage":{"prompt_tokens":100,)"
                                     R"("completion_tokens":200,"total_tokens":300}})";
            while (body.size() + tail.size() < 1'024) body += "lorem ip ";
            return reply_with(body + tail);
        }();
        return reply;
    }

    int epoll_, listener_;
    std::vector<std::pair<std::uint64_t, std::deque<Due>>> queues_;  ///< First in, first out for each interval.
    std::uint64_t phase_ = 0;
};

}  // namespace
}  // namespace bench

int main(int count, char** words) {
    if (count < 2) {
        std::fputs("usage: mock_provider PORT\n", stderr);
        return 64;
    }
    std::signal(SIGPIPE, SIG_IGN);
    bench::Provider(std::atoi(words[1])).run();
}

#pragma once
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string_view>

/// What the load client and the mock provider share: just enough HTTP/1.1 to speak with any proxy at little cost. It
/// trusts its peers; nothing of it belongs into the program.
namespace bench {

inline std::uint64_t now_ns() {
    timespec t{};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return static_cast<std::uint64_t>(t.tv_sec) * 1'000'000'000U + static_cast<std::uint64_t>(t.tv_nsec);
}

inline bool same_word(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i)
        if ((a[i] | 0x20) != (b[i] | 0x20)) return false;
    return true;
}

/// The first number behind `key` in `text`.
inline long number_after(std::string_view text, std::string_view key, long otherwise) {
    const std::size_t at = text.find(key);
    return at == std::string_view::npos ? otherwise : std::strtol(text.data() + at + key.size(), nullptr, 10);
}

struct Head {
    std::size_t bytes = 0;  ///< With its empty line; 0: not all of it is there.
    bool broken = false;
    std::string_view first, target;  ///< Of a request: method and target.
    int status = 0;                  ///< Of a reply.
    long length = -1;                ///< Content-Length; −1: none.
    bool chunked = false, keeps_alive = true;
};

inline Head read_head(std::string_view text) {
    Head head;
    const std::size_t end = text.find("\r\n\r\n");
    if (end == std::string_view::npos) return head;
    head.bytes = end + 4;
    std::size_t line_end = text.find("\r\n");
    const std::string_view line = text.substr(0, line_end);
    const std::size_t blank = line.find(' ');
    head.broken = blank == std::string_view::npos;
    if (head.broken) return head;
    head.first = line.substr(0, blank);
    const std::string_view rest = line.substr(blank + 1);
    if (head.first.starts_with("HTTP/")) {
        head.status = std::atoi(rest.data());
        head.keeps_alive = head.first == "HTTP/1.1";
    } else {
        head.target = rest.substr(0, rest.find(' '));
        head.keeps_alive = rest.ends_with("HTTP/1.1");
    }
    while (line_end < end) {
        const std::size_t begin = line_end + 2;
        line_end = text.find("\r\n", begin);
        const std::string_view field = text.substr(begin, line_end - begin);
        const std::size_t colon = field.find(':');
        if (colon == std::string_view::npos) continue;
        std::string_view value = field.substr(colon + 1);
        while (value.starts_with(' ')) value.remove_prefix(1);
        const std::string_view name = field.substr(0, colon);
        if (same_word(name, "content-length")) head.length = std::strtol(value.data(), nullptr, 10);
        if (same_word(name, "transfer-encoding")) head.chunked = true;
        if (same_word(name, "connection") && same_word(value, "close")) head.keeps_alive = false;
    }
    return head;
}

/// Undoes the chunked coding piece by piece.
class Chunks {
public:
    bool done() const { return state_ == State::done; }
    /// Gives the body's pieces to `take(std::string_view)`; the bytes that belong to it.
    template <class Take>
    std::size_t feed(std::string_view wire, Take take) {
        std::size_t at = 0;
        while (at < wire.size() && state_ != State::done) {
            const char c = wire[at];
            if (state_ == State::data) {
                const std::size_t part = std::min(left_, wire.size() - at);
                take(wire.substr(at, part));
                at += part;
                left_ -= part;
                if (left_ == 0) state_ = State::data_end;
                continue;
            }
            ++at;
            if (state_ == State::size && c != '\n') {
                if (c != '\r')
                    left_ = left_ * 16 + static_cast<std::size_t>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
            } else if (c == '\n') {
                step();
            } else if (state_ == State::trailer && c != '\r') {
                state_ = State::trailer_line;
            }
        }
        return at;
    }

private:
    enum class State { size, data, data_end, trailer, trailer_line, done };
    void step() {
        if (state_ == State::size) {
            state_ = left_ > 0 ? State::data : State::trailer;
        } else if (state_ == State::data_end) {
            state_ = State::size;
            left_ = 0;
        } else {
            state_ = state_ == State::trailer ? State::done : State::trailer;
        }
    }
    State state_ = State::size;
    std::size_t left_ = 0;
};

inline sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

inline void make_ready(int fd) {
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

}  // namespace bench

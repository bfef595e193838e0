#include "net/connection.hpp"

#include <coroutine>
#include <vector>

namespace evenkeel {
namespace {

using Subscribe = void (Connection::*)(Ready*) noexcept;

/// Suspends until the connection says that another attempt is worth while.
class [[nodiscard]] readiness : private Ready {
public:
    readiness(Connection& connection, Subscribe subscribe) noexcept
        : Ready([](Ready& ready) noexcept {
              auto& self = static_cast<readiness&>(ready);
              self.subscribed_ = false;
              self.waiting_.resume();
          }),
          connection_(connection),
          subscribe_(subscribe) {}
    ~readiness() {
        if (subscribed_) (connection_.*subscribe_)(nullptr);
    }
    readiness(const readiness&) = delete;
    readiness& operator=(const readiness&) = delete;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiting) noexcept {
        waiting_ = waiting;
        subscribed_ = true;
        (connection_.*subscribe_)(this);
    }
    void await_resume() const noexcept {}

private:
    Connection& connection_;
    Subscribe subscribe_;
    std::coroutine_handle<> waiting_;
    bool subscribed_ = false;
};

/// Takes `count` bytes off the front.
void drop_front(std::vector<Bytes>& pieces, std::size_t count) {
    auto first = pieces.begin();
    for (; first != pieces.end() && first->size() <= count; ++first) count -= first->size();
    pieces.erase(pieces.begin(), first);
    if (!pieces.empty()) pieces.front() = pieces.front().subspan(count);
}

std::size_t total(std::span<const Bytes> pieces) noexcept {
    std::size_t bytes = 0;
    for (const Bytes piece : pieces) bytes += piece.size();
    return bytes;
}

}  // namespace

Task<Result<std::size_t>> read_some(Connection& connection, std::span<std::byte> into) {
    for (;;) {
        const Io io = connection.try_read(into);
        if (io.state == IoState::moved) co_return io.bytes;
        if (io.state == IoState::end) co_return std::size_t{0};
        if (io.state == IoState::broken) co_return fail(connection.error());
        co_await readiness(connection, &Connection::on_readable);
    }
}

Task<Result<void>> write_all(Connection& connection, std::span<const Bytes> pieces) {
    std::size_t left = total(pieces);
    std::vector<Bytes> rest;  // Filled only where the peer took a part: the usual write allocates nothing.
    while (left > 0) {
        const Io io = connection.try_write(pieces);
        if (io.state == IoState::broken || io.state == IoState::end) co_return fail(connection.error());
        if (io.state == IoState::again) {
            co_await readiness(connection, &Connection::on_writable);
            continue;
        }
        left -= io.bytes;
        if (left == 0) break;
        if (rest.empty()) rest.assign(pieces.begin(), pieces.end());
        drop_front(rest, io.bytes);
        pieces = rest;
    }
    co_return {};
}

Task<Result<void>> write_all(Connection& connection, std::string_view text) {
    const Bytes piece = std::as_bytes(std::span(text));
    co_return co_await write_all(connection, std::span(&piece, 1));
}

std::string to_string(const Endpoint& endpoint) {
    if (!endpoint.path.empty()) return "unix:" + endpoint.path;
    const bool bracketed = endpoint.host.find(':') != std::string::npos;
    return std::string(endpoint.tls ? "https://" : "http://") + (bracketed ? "[" : "") + endpoint.host +
           (bracketed ? "]:" : ":") + std::to_string(endpoint.port);
}

}  // namespace evenkeel

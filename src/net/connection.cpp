#include "net/connection.hpp"

#include <vector>

#include "net/readiness.hpp"

namespace evenkeel {
namespace {

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
        co_await until_readable(connection);
    }
}

Task<Result<void>> write_all(Connection& connection, std::span<const Bytes> pieces) {
    std::size_t left = total(pieces);
    std::vector<Bytes> rest;  // Filled only where the peer took a part: the usual write allocates nothing.
    while (left > 0) {
        const Io io = connection.try_write(pieces);
        if (io.state == IoState::broken || io.state == IoState::end) co_return fail(connection.error());
        if (io.state == IoState::again) {
            co_await until_writable(connection);
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

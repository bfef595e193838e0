// Puts so many questions into a new store, as if they had been accepted and nobody had answered yet.
// Usage: fill_store FILE COUNT
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "store/sqlite_engine.hpp"

namespace {

using namespace evenkeel;

constexpr int group_size = 1'000;
constexpr int conversations = 1'000;

WallTime wall_now() { return std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now()); }

/// In the order of the numbers, as UUIDv7 would be.
Id id_of(int n, WallTime now) {
    Id id;
    const auto time = static_cast<std::uint64_t>(now.time_since_epoch().count());
    for (std::size_t i = 0; i < 6; ++i) id.bytes[i] = static_cast<std::uint8_t>(time >> (8 * (5 - i)));
    for (std::size_t i = 0; i < 4; ++i) id.bytes[15 - i] = static_cast<std::uint8_t>(n >> (8 * i));
    return id;
}

bool fill(StoreEngine& engine, int count) {
    const WallTime now = wall_now();
    for (int n = 0; n < count;) {
        if (!engine.begin_group()) return false;
        for (const int end = std::min(count, n + group_size); n < end; ++n) {
            const Inbound message{.frontend = "bench",
                                  .user = std::to_string(n % 16),
                                  .conversation = std::to_string(n % conversations),
                                  .text = "question " + std::to_string(n)};
            if (!engine.queue().accept(message, id_of(n, now), now)) return false;
        }
        if (!engine.commit_group() || !engine.checkpoint()) return false;
    }
    return true;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::fprintf(stderr, "usage: fill_store FILE COUNT\n");
        return 64;
    }
    const int count = std::atoi(argv[2]);
    auto engine = open_sqlite({.file = argv[1], .max_pending = 1 << 20}, wall_now());
    return engine && fill(**engine, count) ? 0 : 1;
}

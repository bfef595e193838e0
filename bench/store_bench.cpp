// How fast messages are accepted, as ratios to what the same disk can do in the same minute (reliability.md 5.6):
//   1. one producer against appending the same bytes to a file with fdatasync: at least 0.70;
//   2. 64 producers with group commit against the same program with synchronous=OFF: at least 0.50;
//   3. start with 100,000 queued messages: at most one second.
// Usage: store_bench DIRECTORY [PAIRS]. Pairs are interleaved; the median counts, the range is printed.
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "store/sqlite_engine.hpp"

namespace {
bool syncs_are_off = false;
int sync_for_real(long call, int fd) { return syncs_are_off ? 0 : static_cast<int>(::syscall(call, fd)); }
}  // namespace

// Stand before the C library's for SQLite too: with them off the same program runs as with synchronous=OFF.
extern "C" int fsync(int fd) { return sync_for_real(SYS_fsync, fd); }
extern "C" int fdatasync(int fd) { return sync_for_real(SYS_fdatasync, fd); }

namespace {

using namespace evenkeel;
using Steady = std::chrono::steady_clock;

constexpr int accepts = 1'500, group_accepts = 12'800, group_size = 64, waiting = 100'000, body_bytes = 1'024;
constexpr WallTime start{Millis{1'767'225'600'000}};

double seconds_since(Steady::time_point from) { return std::chrono::duration<double>(Steady::now() - from).count(); }

Id id_of(std::uint64_t n) {
    Id id;
    for (std::size_t i = 0; i < 8; ++i) id.bytes[15 - i] = static_cast<std::uint8_t>(n >> (8 * i));
    return id;
}

struct Store {
    explicit Store(const std::string& file)
        : engine(std::move(*open_sqlite({.file = file, .max_pending = 1 << 20}, start))) {}
    void accept() {
        const Inbound message{.user = std::to_string(count % 16),
                              .conversation = std::to_string(count % 64),
                              .text = std::string(body_bytes, 'x')};
        ++count;
        if (!engine->queue().accept(message, id_of(count), start)) std::abort();
    }
    std::unique_ptr<StoreEngine> engine;
    std::uint64_t count = 0;
};

double raw_appends(const std::string& file) {
    const int fd = ::open(file.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
    const std::string bytes(body_bytes, 'x');
    const auto from = Steady::now();
    for (int i = 0; i < accepts; ++i)
        if (::write(fd, bytes.data(), bytes.size()) < 0 || ::fdatasync(fd) != 0) std::abort();
    const double took = seconds_since(from);
    ::close(fd);
    return accepts / took;
}

double single_accepts(Store& store) {
    const auto from = Steady::now();
    for (int i = 0; i < accepts; ++i) {
        store.accept();
        static_cast<void>(store.engine->checkpoint());
    }
    return accepts / seconds_since(from);
}

double grouped_accepts(Store& store) {
    const auto from = Steady::now();
    for (int done = 0; done < group_accepts; done += group_size) {
        static_cast<void>(store.engine->begin_group());
        for (int i = 0; i < group_size; ++i) store.accept();
        if (!store.engine->commit_group()) std::abort();
        static_cast<void>(store.engine->checkpoint());
    }
    return group_accepts / seconds_since(from);
}

void print_ratio(const char* what, std::vector<double> ratios, double goal) {
    std::ranges::sort(ratios);
    std::printf("%-44s %.2f (%.2f to %.2f), goal %.2f\n", what, ratios[ratios.size() / 2], ratios.front(),
                ratios.back(), goal);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "usage: store_bench DIRECTORY [PAIRS]\n");
        return 64;
    }
    const std::filesystem::path directory = std::filesystem::path(argv[1]) / "store-bench";
    const int pairs = argc > 2 ? std::atoi(argv[2]) : 7;
    std::filesystem::remove_all(directory);
    std::filesystem::create_directories(directory);
    std::vector<double> one, many;
    Store single((directory / "one.db").string()), grouped((directory / "many.db").string());
    Store unsafe((directory / "off.db").string());
    for (int i = 0; i < pairs; ++i) {
        const double raw = raw_appends((directory / "raw").string()), ours = single_accepts(single);
        const double durable = grouped_accepts(grouped);
        syncs_are_off = true;
        const double off = grouped_accepts(unsafe);
        syncs_are_off = false;
        std::printf("raw %.0f/s, accepts %.0f/s; 64 producers %.0f/s, without sync %.0f/s\n", raw, ours, durable, off);
        one.push_back(ours / raw);
        many.push_back(durable / off);
    }
    print_ratio("one producer to raw append and fdatasync", one, 0.70);
    print_ratio("64 producers to synchronous=OFF", many, 0.50);
    while (grouped.count < waiting) grouped_accepts(grouped);
    grouped.engine.reset();
    const auto from = Steady::now();
    const Store again((directory / "many.db").string());
    const auto claimed = again.engine->queue().claim({}, start);
    std::printf("start with %llu queued and first claim: %.3f s, goal 1.000\n",
                static_cast<unsigned long long>(grouped.count), seconds_since(from));
    std::filesystem::remove_all(directory);
    return claimed && claimed->size() == 1 ? 0 : 1;
}

#include "testing/memory_network.hpp"

#include <algorithm>
#include <cstring>
#include <deque>
#include <vector>

#include "core/async.hpp"

namespace evenkeel::testing {
namespace {

constexpr std::size_t backlog_max = 1'024;

std::string place_of(const Endpoint& endpoint) {
    return endpoint.path.empty() ? endpoint.host + ":" + std::to_string(endpoint.port) : "unix:" + endpoint.path;
}

Error reset() {
    return provider_fault(ErrorClass::transient, Scope::provider, "connection reset by peer", "reset").error();
}

}  // namespace

struct MemoryNetwork::Counter {
    std::uint64_t count = 0;
    std::uint64_t failing = 0;  ///< The number of the one that fails; 0: none.
    bool fails() noexcept { return ++count == failing; }
};

/// One endpoint: who listens there, what is wrong with it, which connections it has.
struct MemoryNetwork::Site {
    std::string place;
    Faults faults;
    Door* door = nullptr;
    std::size_t dials = 0;
    std::vector<Link*> links;  ///< The dialling side of each open connection.
};

/// One direction of a connection. Both of its ends hold it.
struct MemoryNetwork::Pipe : Timer {
    Pipe(Env environment, std::shared_ptr<Site> where, bool is_reply)
        : Timer([](Timer& timer) noexcept { static_cast<Pipe&>(timer).settle(); }),
          env(environment),
          site(std::move(where)),
          towards_dialler(is_reply) {}

    struct Segment {
        Instant arrives;
        std::string bytes;
    };

    Io readable() const;
    Io writable() const;
    std::size_t read(std::span<std::byte> into, std::size_t count);
    void write(std::span<const Bytes> pieces, std::size_t count);
    /// Wakes whoever can go on now, and sets the timer for whoever can later.
    void settle();

    Env env;
    std::shared_ptr<Site> site;
    bool towards_dialler;
    std::deque<Segment> segments;
    std::size_t held = 0;            ///< Bytes in `segments`.
    std::size_t given = 0;           ///< Bytes read so far.
    Instant ended_at = forever;      ///< The writer has closed: the end arrives then.
    Instant abandoned_at = forever;  ///< The reader has closed: the writer learns it then.
    bool broken = false;
    Ready* reader = nullptr;
    Ready* writer = nullptr;
};

Io MemoryNetwork::Pipe::readable() const {
    if (broken) return {IoState::broken};
    std::size_t cap = held;
    if (towards_dialler) {
        const auto left = [&](const std::optional<std::size_t>& limit) {
            return limit ? *limit - std::min(*limit, given) : held;
        };
        const Faults& faults = site->faults;
        if (faults.reset_after && left(faults.reset_after) == 0) return {IoState::broken};
        if (faults.close_after && left(faults.close_after) == 0) return {IoState::end};
        if (faults.stall_after && left(faults.stall_after) == 0) return {IoState::again};
        cap = std::min({left(faults.reset_after), left(faults.close_after), left(faults.stall_after)});
    }
    std::size_t arrived = 0;
    for (const Segment& segment : segments)
        if (segment.arrives <= env.now()) arrived += segment.bytes.size();
    if (arrived > 0) return {IoState::moved, std::min(arrived, cap)};
    return {ended_at <= env.now() && held == 0 ? IoState::end : IoState::again};
}

Io MemoryNetwork::Pipe::writable() const {
    if (broken || abandoned_at <= env.now()) return {IoState::broken};
    const std::size_t room = site->faults.buffer_bytes - std::min(site->faults.buffer_bytes, held);
    return room == 0 ? Io{IoState::again} : Io{IoState::moved, room};
}

std::size_t MemoryNetwork::Pipe::read(std::span<std::byte> into, std::size_t count) {
    std::size_t done = 0;
    while (done < count) {
        std::string& bytes = segments.front().bytes;
        const std::size_t part = std::min(bytes.size(), count - done);
        std::memcpy(into.data() + done, bytes.data(), part);
        bytes.erase(0, part);
        if (bytes.empty()) segments.pop_front();
        done += part;
    }
    held -= count;
    given += count;
    return count;
}

void MemoryNetwork::Pipe::write(std::span<const Bytes> pieces, std::size_t count) {
    const Instant arrives = env.now() + site->faults.latency;
    if (segments.empty() || segments.back().arrives != arrives) segments.push_back({arrives, {}});
    held += count;
    for (const Bytes piece : pieces) {
        const std::size_t part = std::min(piece.size(), count);
        segments.back().bytes.append(reinterpret_cast<const char*>(piece.data()), part);
        count -= part;
    }
}

void MemoryNetwork::Pipe::settle() {
    if (reader != nullptr && readable().state != IoState::again) env.scheduler.defer(*std::exchange(reader, nullptr));
    if (writer != nullptr && writable().state != IoState::again) env.scheduler.defer(*std::exchange(writer, nullptr));
    Instant next = forever;
    const auto later = [&](Instant when) {
        if (when > env.now()) next = sooner(next, when);
    };
    if (reader != nullptr && !segments.empty()) later(segments.front().arrives);
    if (reader != nullptr) later(ended_at);
    if (writer != nullptr) later(abandoned_at);
    env.scheduler.arm(*this, next);
}

/// One side of a connection.
class MemoryNetwork::Link final : public Connection {
public:
    Link(Env env, std::shared_ptr<Counter> counter, std::shared_ptr<Pipe> in, std::shared_ptr<Pipe> out)
        : env_(env), counter_(std::move(counter)), in_(std::move(in)), out_(std::move(out)) {
        if (in_->towards_dialler) site().links.push_back(this);
    }
    ~Link() override { close(); }

    Io try_read(std::span<std::byte> into) override {
        if (closed_) return {IoState::broken};
        Io io = in_->readable();
        if (io.state == IoState::broken) break_both();
        if (io.state == IoState::end) in_->abandoned_at = env_.now();
        if (io.state != IoState::moved) return io;
        if (counter_->fails()) return break_both();
        io.bytes = in_->read(into, part_of(std::min(io.bytes, into.size()), site().faults.one_byte_reads));
        in_->settle();
        return io;
    }

    Io try_write(std::span<const Bytes> pieces) override {
        if (closed_) return {IoState::broken};
        Io io = out_->writable();
        if (io.state != IoState::moved) return io;
        std::size_t bytes = 0;
        for (const Bytes piece : pieces) bytes += piece.size();
        if (counter_->fails()) return break_both();
        io.bytes = part_of(std::min(io.bytes, bytes), false);
        out_->write(pieces, io.bytes);
        out_->settle();
        return io;
    }

    void on_readable(Ready* waiter) noexcept override {
        in_->reader = waiter;
        wake_or_wait(*in_, in_->reader);
    }
    void on_writable(Ready* waiter) noexcept override {
        out_->writer = waiter;
        wake_or_wait(*out_, out_->writer);
    }

    Error error() const override {
        return closed_ ? own_fault(ErrorClass::cancelled, "the connection was closed here").error() : reset();
    }

    void close() noexcept override {
        if (std::exchange(closed_, true)) return;
        std::erase(site().links, this);
        out_->ended_at = in_->abandoned_at = env_.now() + site().faults.latency;
        for (Ready** waiter : {&in_->reader, &out_->writer})
            if (*waiter != nullptr) env_.scheduler.defer(*std::exchange(*waiter, nullptr));
        in_->settle();
        out_->settle();
    }

    void abort() noexcept override {
        if (!closed_) break_both();
        close();
    }

    std::string peer() const override { return (in_->towards_dialler ? "" : "caller of ") + site().place; }

    Io break_both() noexcept {
        in_->broken = out_->broken = true;
        std::erase(site().links, this);
        in_->settle();
        out_->settle();
        return {IoState::broken};
    }
    void settle() {
        in_->settle();
        out_->settle();
    }

private:
    Site& site() const noexcept { return *in_->site; }
    std::size_t part_of(std::size_t bytes, bool one_byte) const {
        if (one_byte) return std::min<std::size_t>(bytes, 1);
        return site().faults.fragments && bytes > 1 ? 1 + env_.random.bits() % bytes : bytes;
    }
    void wake_or_wait(Pipe& pipe, Ready*& waiter) noexcept {
        if (closed_ && waiter != nullptr) env_.scheduler.defer(*std::exchange(waiter, nullptr));
        pipe.settle();
    }
    Env env_;
    std::shared_ptr<Counter> counter_;
    std::shared_ptr<Pipe> in_, out_;
    bool closed_ = false;
};

class MemoryNetwork::Door final : public Listener {
public:
    Door(Scheduler& scheduler, std::shared_ptr<Site> site, std::uint16_t port)
        : site_(std::move(site)), port_(port), knocked_(scheduler) {
        site_->door = this;
    }
    ~Door() override { site_->door = nullptr; }
    Task<Result<ConnectionPtr>> accept() override {
        while (waiting_.empty()) {
            knocked_.clear();
            co_await knocked_.wait();
        }
        ConnectionPtr connection = std::move(waiting_.front());
        waiting_.pop_front();
        co_return connection;
    }
    std::uint16_t port() const noexcept override { return port_; }
    bool knock(ConnectionPtr connection) {
        if (waiting_.size() >= backlog_max) return false;
        waiting_.push_back(std::move(connection));
        knocked_.set();
        return true;
    }

private:
    std::shared_ptr<Site> site_;
    std::uint16_t port_;
    Event knocked_;
    std::deque<ConnectionPtr> waiting_;
};

MemoryNetwork::MemoryNetwork(Env env) : env_(env), counter_(std::make_shared<Counter>()) {}
MemoryNetwork::~MemoryNetwork() = default;

std::shared_ptr<MemoryNetwork::Site> MemoryNetwork::site(const Endpoint& endpoint) {
    auto& site = sites_[place_of(endpoint)];
    if (!site) {
        site = std::make_shared<Site>();
        site->place = place_of(endpoint);
    }
    return site;
}

const MemoryNetwork::Site* MemoryNetwork::find(const Endpoint& endpoint) const {
    const auto found = sites_.find(place_of(endpoint));
    return found == sites_.end() ? nullptr : found->second.get();
}

Task<Result<ConnectionPtr>> MemoryNetwork::dial(const Endpoint& endpoint) {
    const auto where = site(endpoint);
    ++where->dials;
    const auto refused = [&](std::string_view why, std::string code = "refused") {
        return provider_fault(ErrorClass::transient, Scope::provider, where->place + ": " + std::string(why),
                              std::move(code));
    };
    if (counter_->fails()) co_return refused("connection refused (injected)");
    if (where->faults.unknown_name) co_return refused("name not found", "name_not_found");
    const Instant silent_at = env_.now() + endpoint.connect_timeout;
    if (where->faults.black_hole || where->faults.connect_latency > endpoint.connect_timeout) {
        co_await sleep_until(env_.scheduler, silent_at);
        co_return provider_fault(ErrorClass::silent, Scope::provider, where->place + ": no answer to connecting");
    }
    co_await sleep_for(env_.scheduler, where->faults.connect_latency);
    if (where->faults.untrusted)
        co_return provider_fault(ErrorClass::account, Scope::provider, where->place + ": certificate not trusted");
    if (where->faults.refuse || where->door == nullptr) co_return refused("connection refused");
    auto request = std::make_shared<Pipe>(env_, where, false);
    auto reply = std::make_shared<Pipe>(env_, where, true);
    if (!where->door->knock(std::make_unique<Link>(env_, counter_, request, reply)))
        co_return refused("connection refused (backlog full)");
    co_return std::make_unique<Link>(env_, counter_, reply, request);
}

Result<std::unique_ptr<Listener>> MemoryNetwork::listen(const Endpoint& endpoint) {
    Endpoint at = endpoint;
    if (at.path.empty() && at.port == 0) at.port = next_port_++;
    auto where = site(at);
    if (where->door != nullptr) return own_fault(ErrorClass::storage, where->place + ": address in use");
    return std::make_unique<Door>(env_.scheduler, std::move(where), at.port);
}

void MemoryNetwork::set_faults(const Endpoint& endpoint, Faults faults) {
    const auto where = site(endpoint);
    where->faults = faults;
    for (Link* link : where->links) link->settle();
}

void MemoryNetwork::reset_all(const Endpoint& endpoint) {
    const auto where = site(endpoint);
    while (!where->links.empty()) where->links.back()->break_both();
}

std::size_t MemoryNetwork::dials(const Endpoint& endpoint) const {
    const Site* const where = find(endpoint);
    return where == nullptr ? 0 : where->dials;
}

std::size_t MemoryNetwork::open(const Endpoint& endpoint) const {
    const Site* const where = find(endpoint);
    return where == nullptr ? 0 : where->links.size();
}

void MemoryNetwork::fail_operation(std::uint64_t n) { counter_->failing = n == 0 ? 0 : counter_->count + n; }
std::uint64_t MemoryNetwork::operations() const noexcept { return counter_->count; }

}  // namespace evenkeel::testing

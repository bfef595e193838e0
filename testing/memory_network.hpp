#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/env.hpp"
#include "net/connection.hpp"

namespace evenkeel::testing {

/// What is wrong at one endpoint. Counts are bytes towards whoever dialled, per connection; they may be changed while
/// connections live.
struct Faults {
    bool refuse = false;                     ///< transient at once.
    bool unknown_name = false;               ///< transient at once.
    bool untrusted = false;                  ///< account at once, as a wrong certificate.
    bool black_hole = false;                 ///< No answer to dialling: silent after the endpoint's connect_timeout.
    std::optional<std::size_t> reset_after;  ///< Then both sides find it broken.
    std::optional<std::size_t> close_after;  ///< Then the dialler reads the end, and the other side cannot write.
    std::optional<std::size_t> stall_after;  ///< Then nothing arrives any more; 0: never a byte.
    bool one_byte_reads = false;             ///< Both sides.
    bool fragments = false;                  ///< Each read and write moves a random part, both sides.
    Millis connect_latency{0};
    Millis latency{0};                     ///< One way, of bytes and of a close.
    std::size_t buffer_bytes = 64 * 1024;  ///< Per direction, in flight and unread; then writing waits.
};

/// A network inside the process: duplex connections in virtual time, with faults, a pure function of the seed behind
/// `env`. Names are not resolved: an endpoint is found by exactly the host and port (or path) that was listened at;
/// `tls` makes no difference. Connections and listeners may outlive it. One loop.
class MemoryNetwork final : public Network {
public:
    explicit MemoryNetwork(Env env);
    ~MemoryNetwork() override;

    Task<Result<ConnectionPtr>> dial(const Endpoint& endpoint) override;
    /// Port 0 takes 40000 and up.
    Result<std::unique_ptr<Listener>> listen(const Endpoint& endpoint) override;

    /// From now on, also for connections that are open.
    void set_faults(const Endpoint& endpoint, Faults faults);
    /// Breaks every open connection to it, as a router or a crash would.
    void reset_all(const Endpoint& endpoint);
    /// How often it was dialled, failures included.
    std::size_t dials(const Endpoint& endpoint) const;
    /// Connections to it that neither side has closed.
    std::size_t open(const Endpoint& endpoint) const;

    /// The n-th operation from here (1: the next) fails: a dial is refused, a read or write finds the connection
    /// broken. Operations are dials and the reads and writes that would move bytes.
    void fail_operation(std::uint64_t n);
    /// How many there were so far.
    std::uint64_t operations() const noexcept;

private:
    struct Site;
    struct Pipe;
    struct Counter;
    class Link;
    class Door;
    std::shared_ptr<Site> site(const Endpoint& endpoint);
    const Site* find(const Endpoint& endpoint) const;
    Env env_;
    std::shared_ptr<Counter> counter_;
    std::map<std::string, std::shared_ptr<Site>> sites_;
    std::uint16_t next_port_ = 40'000;
};

}  // namespace evenkeel::testing

#pragma once
#include <memory>
#include <string>

#include "net/connection.hpp"

struct ssl_st;  // OpenSSL's SSL.

namespace evenkeel {

/// TLS over any connection, either side of it. A record that the connection below does not take at once is kept and
/// written from the loop, so that reading never waits for writing; its bytes count as moved once all of it was taken.
/// Therefore, as OpenSSL wants it too: after `again` the same bytes are written, or the connection is closed.
class TlsStream final : public Connection {
public:
    /// Kept unwritten bytes at most. A record is 16 KiB; beyond this the peer floods us with requests for new keys.
    static constexpr std::size_t unwritten_max = 65'536;

    /// `ssl` is in connect or accept state and becomes ours. `attached` lives as long: what its callbacks point to.
    TlsStream(Scheduler& scheduler, ConnectionPtr inner, ssl_st* ssl, std::shared_ptr<void> attached = nullptr);
    ~TlsStream() override;
    TlsStream(const TlsStream&) = delete;
    TlsStream& operator=(const TlsStream&) = delete;

    /// To be done before any byte is moved. Errors: transient of the provider (the connection broke or ended), else of
    /// code "tls" with OpenSSL's words in `detail`.
    Task<Result<void>> handshake();

    Io try_read(std::span<std::byte> into) override;
    Io try_write(std::span<const Bytes> pieces) override;
    void on_readable(Ready* waiter) noexcept override { inner_->on_readable(waiter); }
    void on_writable(Ready* waiter) noexcept override;
    /// An end of the stream without TLS's own goodbye is an error: somebody may have cut it.
    Error error() const override { return error_; }
    void close() noexcept override;
    void abort() noexcept override;
    std::string peer() const override { return inner_->peer(); }
    std::optional<std::uint32_t> peer_uid() const override { return inner_->peer_uid(); }

private:
    struct Transport;
    struct Flusher : Ready {
        explicit Flusher(TlsStream& owner) noexcept
            : Ready([](Ready& ready) noexcept { static_cast<Flusher&>(ready).stream.flush(); }), stream(owner) {}
        TlsStream& stream;
    };
    bool put(std::span<const std::byte> record);
    void flush() noexcept;
    void wake_writer() noexcept;
    Io broken(int ssl_error);
    void break_with(std::string detail, std::string code);

    Scheduler& scheduler_;
    std::shared_ptr<void> attached_;
    ConnectionPtr inner_;
    Flusher flusher_{*this};
    Ready* writer_ = nullptr;
    std::string unwritten_;
    std::size_t sealed_ = 0;  ///< Bytes of the caller in `unwritten_`, to be told once it is empty.
    bool inner_ended_ = false;
    bool inner_broken_ = false;
    bool is_broken_ = false;
    Error error_;
    std::unique_ptr<ssl_st, void (*)(ssl_st*)> ssl_;
};

}  // namespace evenkeel

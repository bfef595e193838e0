#include "net/tls_stream.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "net/readiness.hpp"

namespace evenkeel {
namespace {

/// The most that one TLS record carries.
constexpr std::size_t record_bytes_max = 16'384;

std::string openssl_reason() {
    const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
    return reason != nullptr ? reason : "unknown reason";
}

/// What fits into one record. One piece, or a first one that fills a record, is used where it lies; small ones are
/// joined.
Bytes gathered(std::span<const Bytes> pieces, std::span<std::byte> scratch) {
    if (pieces.size() == 1 || pieces.front().size() >= scratch.size())
        return pieces.front().first(std::min(pieces.front().size(), scratch.size()));
    std::size_t used = 0;
    for (const Bytes piece : pieces) {
        const std::size_t part = std::min(piece.size(), scratch.size() - used);
        if (part > 0) std::memcpy(scratch.data() + used, piece.data(), part);
        used += part;
    }
    return scratch.first(used);
}

}  // namespace

/// What OpenSSL reads from and writes to: the connection below, without a buffer in between.
struct TlsStream::Transport {
    static int read(BIO* bio, char* into, int size) {
        auto& self = *static_cast<TlsStream*>(BIO_get_data(bio));
        BIO_clear_retry_flags(bio);
        const Io io =
            self.inner_->try_read(std::as_writable_bytes(std::span(into, static_cast<std::size_t>(std::max(size, 0)))));
        switch (io.state) {
            case IoState::moved: return static_cast<int>(io.bytes);
            case IoState::again: BIO_set_retry_read(bio); return -1;
            case IoState::end: self.inner_ended_ = true; return 0;
            case IoState::broken: self.inner_broken_ = true; return -1;
        }
        return -1;
    }
    static int write(BIO* bio, const char* from, int size) {
        auto& self = *static_cast<TlsStream*>(BIO_get_data(bio));
        BIO_clear_retry_flags(bio);
        return self.put(std::as_bytes(std::span(from, static_cast<std::size_t>(std::max(size, 0))))) ? size : -1;
    }
    static long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }
    static const BIO_METHOD* method() {
        static BIO_METHOD* const made = [] {
            BIO_METHOD* const fresh = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "evenkeel connection");
            BIO_meth_set_read(fresh, &read);
            BIO_meth_set_write(fresh, &write);
            BIO_meth_set_ctrl(fresh, &control);
            return fresh;
        }();
        return made;
    }
};

TlsStream::TlsStream(Scheduler& scheduler, ConnectionPtr inner, ssl_st* ssl, std::shared_ptr<void> attached)
    : scheduler_(scheduler), attached_(std::move(attached)), inner_(std::move(inner)), ssl_(ssl, &SSL_free) {
    BIO* const bio = BIO_new(Transport::method());
    BIO_set_data(bio, this);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl, bio, bio);
}

TlsStream::~TlsStream() { close(); }

Task<Result<void>> TlsStream::handshake() {
    for (;;) {
        ERR_clear_error();
        const int done = SSL_do_handshake(ssl_.get());
        if (done == 1) co_return {};
        const int ssl_error = SSL_get_error(ssl_.get(), done);
        if (ssl_error != SSL_ERROR_WANT_READ) {
            broken(ssl_error);
            co_return fail(error_);
        }
        co_await until_readable(*inner_);
    }
}

Io TlsStream::try_read(std::span<std::byte> into) {
    if (is_broken_) return {IoState::broken, 0};
    ERR_clear_error();
    std::size_t got = 0;
    const int done = SSL_read_ex(ssl_.get(), into.data(), into.size(), &got);
    if (done == 1) return {IoState::moved, got};
    const int ssl_error = SSL_get_error(ssl_.get(), done);
    if (ssl_error == SSL_ERROR_WANT_READ) return {};
    if (ssl_error == SSL_ERROR_ZERO_RETURN) return {IoState::end, 0};
    return broken(ssl_error);
}

Io TlsStream::try_write(std::span<const Bytes> pieces) {
    if (is_broken_) return {IoState::broken, 0};
    if (!unwritten_.empty() || pieces.empty()) return {};
    if (sealed_ > 0) return {IoState::moved, std::exchange(sealed_, 0)};
    std::array<std::byte, record_bytes_max> scratch;
    const Bytes text = gathered(pieces, scratch);
    ERR_clear_error();
    std::size_t put_bytes = 0;
    const int done = SSL_write_ex(ssl_.get(), text.data(), text.size(), &put_bytes);
    if (done != 1) return broken(SSL_get_error(ssl_.get(), done));
    if (unwritten_.empty()) return {IoState::moved, put_bytes};
    sealed_ = put_bytes;
    return {};
}

void TlsStream::on_writable(Ready* waiter) noexcept {
    writer_ = waiter;
    if (unwritten_.empty() || is_broken_) wake_writer();
}

void TlsStream::close() noexcept {
    if (!is_broken_ && SSL_is_init_finished(ssl_.get())) {
        ERR_clear_error();
        SSL_shutdown(ssl_.get());  // Says goodbye if there is room; nobody waits for the answer.
    }
    inner_->on_writable(nullptr);
    inner_->close();
    if (!is_broken_) break_with("the connection to " + peer() + " was closed on our side", "reset");
    wake_writer();
}

void TlsStream::abort() noexcept {
    inner_->on_writable(nullptr);
    inner_->abort();
    if (!is_broken_) break_with("the connection to " + peer() + " was cut on our side", "reset");
    wake_writer();
}

bool TlsStream::put(std::span<const std::byte> record) {
    if (unwritten_.empty()) {
        const Io io = inner_->try_write(std::span(&record, 1));
        if (io.state == IoState::broken) inner_broken_ = true;
        if (io.state == IoState::moved) record = record.subspan(io.bytes);
    }
    if (inner_broken_ || unwritten_.size() + record.size() > unwritten_max) return false;
    if (record.empty()) return true;
    const bool first = unwritten_.empty();
    unwritten_.append(reinterpret_cast<const char*>(record.data()), record.size());
    // Tried once more from the loop rather than here: after a part was taken there may be room for more.
    if (first) scheduler_.defer(flusher_);
    return true;
}

void TlsStream::flush() noexcept {
    while (!unwritten_.empty()) {
        const Bytes rest = std::as_bytes(std::span(unwritten_));
        const Io io = inner_->try_write(std::span(&rest, 1));
        if (io.state == IoState::again) return inner_->on_writable(&flusher_);
        if (io.state != IoState::moved) {
            error_ = inner_->error();
            is_broken_ = true;
            break;
        }
        unwritten_.erase(0, io.bytes);
    }
    wake_writer();
}

void TlsStream::wake_writer() noexcept {
    if (writer_ != nullptr) scheduler_.defer(*std::exchange(writer_, nullptr));
}

Io TlsStream::broken(int ssl_error) {
    const bool cut = inner_ended_ || (ssl_error == SSL_ERROR_SSL &&
                                      ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING);
    if (inner_broken_) {
        error_ = inner_->error();
        is_broken_ = true;
    } else if (cut) {
        break_with(peer() + " ended the connection without a TLS goodbye", "reset");
    } else {
        break_with("TLS with " + peer() + " failed: " + openssl_reason(), "tls");
    }
    wake_writer();
    return {IoState::broken, 0};
}

void TlsStream::break_with(std::string detail, std::string code) {
    error_ = provider_fault(ErrorClass::transient, Scope::provider, std::move(detail), std::move(code)).error();
    is_broken_ = true;
}

}  // namespace evenkeel

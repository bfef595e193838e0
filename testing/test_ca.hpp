#pragma once
#include <memory>
#include <string>
#include <vector>

#include "core/task.hpp"
#include "net/connection.hpp"

namespace evenkeel::testing {

/// A certificate and its key, as PEM.
struct Identity {
    std::string certificate;
    std::string key;
};

/// What is written into a certificate. Days count from now.
struct CertificateWish {
    std::vector<std::string> names{"localhost"};
    std::vector<std::string> addresses{"127.0.0.1"};
    int valid_from_days = -1;
    int valid_to_days = 1;
};

/// A certificate authority that lives as long as the test.
class TestCa {
public:
    explicit TestCa(std::string name);
    ~TestCa();
    /// Signed by this authority.
    Identity issue(const CertificateWish& wish = {}) const;
    /// Signed by itself.
    static Identity self_signed(const CertificateWish& wish = {});
    const std::string& certificate() const noexcept { return own_.certificate; }
    /// A file with the authority's certificate; removed with this object.
    const std::string& file() const noexcept { return file_; }

private:
    std::string name_;
    Identity own_;
    std::string file_;
};

/// The server's side of TLS with that identity, session tickets and all.
class TlsServer {
public:
    /// `newest_version`: 0x0303 for TLS 1.2 (or older), 0x0304 for 1.3.
    explicit TlsServer(const Identity& identity, int newest_version = 0x0304);
    ~TlsServer();
    Task<Result<ConnectionPtr>> secure(Scheduler& scheduler, ConnectionPtr plain);
    int handshakes_resumed() const noexcept;
    /// The name that the last client asked for; empty where it gave none.
    const std::string& server_name() const noexcept;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace evenkeel::testing

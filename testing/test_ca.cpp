#include "testing/test_ca.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cstdlib>

#include "net/tls_stream.hpp"

namespace evenkeel::testing {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Memory = std::unique_ptr<BIO, decltype(&BIO_free_all)>;

constexpr long seconds_per_day = 86'400;

Key new_key() { return {EVP_EC_gen("P-256"), &EVP_PKEY_free}; }

std::string text_of(const Memory& memory) {
    char* text = nullptr;
    const long length = BIO_get_mem_data(memory.get(), &text);
    return std::string(text, static_cast<std::size_t>(length));
}

Memory memory_with(const std::string& text) {
    return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free_all};
}

Identity as_pem(X509* certificate, EVP_PKEY* key) {
    const Memory one(BIO_new(BIO_s_mem()), &BIO_free_all), two(BIO_new(BIO_s_mem()), &BIO_free_all);
    PEM_write_bio_X509(one.get(), certificate);
    PEM_write_bio_PrivateKey(two.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
    return {text_of(one), text_of(two)};
}

Key read_key(const Identity& identity) {
    return {PEM_read_bio_PrivateKey(memory_with(identity.key).get(), nullptr, nullptr, nullptr), &EVP_PKEY_free};
}

Certificate read_certificate(const Identity& identity) {
    return {PEM_read_bio_X509(memory_with(identity.certificate).get(), nullptr, nullptr, nullptr), &X509_free};
}

void extend(X509* certificate, int kind, const std::string& value) {
    X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

Certificate unsigned_certificate(const std::string& common_name, EVP_PKEY* key, int from_days, int to_days) {
    static long serial = 1;
    Certificate certificate(X509_new(), &X509_free);
    X509_set_version(certificate.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial++);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), from_days * seconds_per_day);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), to_days * seconds_per_day);
    X509_set_pubkey(certificate.get(), key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1, 0);
    return certificate;
}

Certificate server_certificate(const CertificateWish& wish, EVP_PKEY* key) {
    auto certificate = unsigned_certificate("test server", key, wish.valid_from_days, wish.valid_to_days);
    std::string names;
    for (const auto& name : wish.names) names += (names.empty() ? "DNS:" : ",DNS:") + name;
    for (const auto& address : wish.addresses) names += (names.empty() ? "IP:" : ",IP:") + address;
    if (!names.empty()) extend(certificate.get(), NID_subject_alt_name, names);
    return certificate;
}

}  // namespace

TestCa::TestCa(std::string name) : name_(std::move(name)) {
    const Key key = new_key();
    const Certificate certificate = unsigned_certificate(name_, key.get(), -10, 10);
    X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get()));
    extend(certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
    X509_sign(certificate.get(), key.get(), EVP_sha256());
    own_ = as_pem(certificate.get(), key.get());
    file_ = "/tmp/evenkeel-test-ca-XXXXXX";
    const int fd = ::mkstemp(file_.data());
    if (::write(fd, own_.certificate.data(), own_.certificate.size()) < 0) std::abort();
    ::close(fd);
}

TestCa::~TestCa() { ::unlink(file_.c_str()); }

Identity TestCa::issue(const CertificateWish& wish) const {
    const Key key = new_key();
    const Certificate certificate = server_certificate(wish, key.get());
    X509_set_issuer_name(certificate.get(), X509_get_subject_name(read_certificate(own_).get()));
    X509_sign(certificate.get(), read_key(own_).get(), EVP_sha256());
    return as_pem(certificate.get(), key.get());
}

Identity TestCa::self_signed(const CertificateWish& wish) {
    const Key key = new_key();
    const Certificate certificate = server_certificate(wish, key.get());
    X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get()));
    X509_sign(certificate.get(), key.get(), EVP_sha256());
    return as_pem(certificate.get(), key.get());
}

struct TlsServer::Impl {
    std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context{SSL_CTX_new(TLS_server_method()), &SSL_CTX_free};
    int resumed = 0;
    std::string server_name;
};

TlsServer::TlsServer(const Identity& identity, int newest_version) : impl_(std::make_unique<Impl>()) {
    SSL_CTX* const context = impl_->context.get();
    SSL_CTX_set_security_level(context, 0);  // So that it can also offer what nobody should accept.
    SSL_CTX_set_min_proto_version(context, 0);
    SSL_CTX_set_max_proto_version(context, newest_version);
    SSL_CTX_use_certificate(context, read_certificate(identity).get());
    SSL_CTX_use_PrivateKey(context, read_key(identity).get());
    const std::string scope = "evenkeel tests";
    SSL_CTX_set_session_id_context(context, reinterpret_cast<const unsigned char*>(scope.data()),
                                   static_cast<unsigned>(scope.size()));
}

TlsServer::~TlsServer() = default;

Task<Result<ConnectionPtr>> TlsServer::secure(Scheduler& scheduler, ConnectionPtr plain) {
    SSL* const ssl = SSL_new(impl_->context.get());
    SSL_set_accept_state(ssl);
    auto stream = std::make_unique<TlsStream>(scheduler, std::move(plain), ssl);
    const auto shaken = co_await stream->handshake();
    if (!shaken) co_return fail(shaken.error());
    const char* const name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    impl_->server_name = name != nullptr ? name : "";
    impl_->resumed += SSL_session_reused(ssl);
    co_return ConnectionPtr(std::move(stream));
}

int TlsServer::handshakes_resumed() const noexcept { return impl_->resumed; }
const std::string& TlsServer::server_name() const noexcept { return impl_->server_name; }

}  // namespace evenkeel::testing

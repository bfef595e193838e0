#include "net/tls.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <list>
#include <map>
#include <utility>

#include "core/text.hpp"
#include "net/socket_address.hpp"
#include "net/tls_stream.hpp"

namespace evenkeel {
namespace {

template <class T, void (*free_function)(T*)>
struct Freed {
    void operator()(T* object) const noexcept { free_function(object); }
};
using Context = std::unique_ptr<SSL_CTX, Freed<SSL_CTX, &SSL_CTX_free>>;
using Session = std::unique_ptr<SSL_SESSION, Freed<SSL_SESSION, &SSL_SESSION_free>>;

/// Newest first; a name of the endpoint and its roots, so that no session proves more than its handshake did.
class Sessions {
public:
    void keep(const std::string& key, Session session) {
        std::erase_if(kept_, [&](const auto& entry) { return entry.first == key; });
        kept_.emplace_front(key, std::move(session));
        if (kept_.size() > TlsClient::sessions_kept_max) kept_.pop_back();
    }
    /// One of TLS 1.3 is used once: a ticket used twice lets an observer link the two (RFC 8446 C.4), and each
    /// connection brings new ones. One of TLS 1.2 is used until it is refused, since a resumed connection brings none.
    Session take(const std::string& key) {
        const auto found = std::ranges::find(kept_, key, &std::pair<std::string, Session>::first);
        if (found == kept_.end()) return nullptr;
        if (SSL_SESSION_get_protocol_version(found->second.get()) < TLS1_3_VERSION) {
            SSL_SESSION_up_ref(found->second.get());
            return Session(found->second.get());
        }
        Session session = std::move(found->second);
        kept_.erase(found);
        return session;
    }

private:
    std::list<std::pair<std::string, Session>> kept_;
};

/// What OpenSSL's callbacks need to know of one connection.
struct Dialled {
    Sessions& sessions;
    std::string session_key;
    std::string host;
    std::string mistrust;  ///< Why the certificate was refused; empty: it was not.
};

std::string text_of_time(const ASN1_TIME* time) {
    const std::unique_ptr<BIO, Freed<BIO, &BIO_free_all>> memory(BIO_new(BIO_s_mem()));
    ASN1_TIME_print(memory.get(), time);
    char* text = nullptr;
    const long length = BIO_get_mem_data(memory.get(), &text);
    return std::string(text, static_cast<std::size_t>(std::max(length, 0L)));
}

std::string common_name(const X509_NAME* name) {
    std::array<char, 128> text{};
    const int length = X509_NAME_get_text_by_NID(name, NID_commonName, text.data(), text.size());
    // It was written by a stranger, and goes to a terminal.
    return length > 0 ? one_line(text.data(), 60) : "an unnamed authority";
}

/// "a.example, b.example": the names that the certificate is for, the first few of them.
std::string names_of(const X509* certificate) {
    constexpr int names_max = 4;
    const std::unique_ptr<GENERAL_NAMES, Freed<GENERAL_NAMES, &GENERAL_NAMES_free>> names(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
    std::string text;
    for (int i = 0; i < std::min(sk_GENERAL_NAME_num(names.get()), names_max); ++i) {
        const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names.get(), i);
        if (name->type != GEN_DNS) continue;
        const auto* const bytes = reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName));
        const auto length = static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName));
        text += (text.empty() ? "" : ", ") + one_line(std::string_view(bytes, length), 60);
    }
    return text.empty() ? "other names" : text;
}

/// What is wrong and how to mend it, in one sentence.
std::string mistrust_of(const std::string& host, const X509* certificate, int why) {
    const std::string whose = "the certificate of " + host + " ";
    switch (why) {
        case X509_V_ERR_CERT_HAS_EXPIRED:
            return whose + "expired on " + text_of_time(X509_get0_notAfter(certificate)) +
                   ": its owner must renew it, or this machine's clock is wrong";
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return whose + "is not valid before " + text_of_time(X509_get0_notBefore(certificate)) +
                   ": this machine's clock may be wrong";
        case X509_V_ERR_HOSTNAME_MISMATCH:
        case X509_V_ERR_IP_ADDRESS_MISMATCH:
            return whose + "is for " + names_of(certificate) + " and not for " + host + ": check the host in base_url";
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
            return whose + "is self-signed: if it is yours, name its file as ca_file";
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
        case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
            return whose + "was issued by \"" + common_name(X509_get_issuer_name(certificate)) +
                   "\", which is not trusted here: install the package ca-certificates, or name that authority's file "
                   "as ca_file";
        default: return whose + "is not to be trusted: " + X509_verify_cert_error_string(why);
    }
}

int on_verify(int accepted, X509_STORE_CTX* verification) {
    if (accepted == 1) return 1;
    const auto* const ssl =
        static_cast<SSL*>(X509_STORE_CTX_get_ex_data(verification, SSL_get_ex_data_X509_STORE_CTX_idx()));
    auto& dialled = *static_cast<Dialled*>(SSL_get_app_data(ssl));
    dialled.mistrust = mistrust_of(dialled.host, X509_STORE_CTX_get_current_cert(verification),
                                   X509_STORE_CTX_get_error(verification));
    return 0;
}

int on_new_session(SSL* ssl, SSL_SESSION* session) {
    const auto& dialled = *static_cast<Dialled*>(SSL_get_app_data(ssl));
    dialled.sessions.keep(dialled.session_key, Session(session));
    return 1;  // The session is ours now.
}

std::unexpected<Error> account_fault(std::string detail, std::string code) {
    return provider_fault(ErrorClass::account, Scope::provider, std::move(detail), std::move(code));
}

Result<Context> make_context(const std::string& ca_file) {
    Context context(SSL_CTX_new(TLS_client_method()));
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, &on_verify);
    // Idle connections hold no record buffers; a read takes what the socket has in one call.
    SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_read_ahead(context.get(), 1);
    SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context.get(), &on_new_session);
    constexpr std::array<unsigned char, 9> http_1_1{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    SSL_CTX_set_alpn_protos(context.get(), http_1_1.data(), http_1_1.size());
    ERR_clear_error();
    if (ca_file.empty()) {
        SSL_CTX_set_default_verify_paths(context.get());
    } else if (SSL_CTX_load_verify_locations(context.get(), ca_file.c_str(), nullptr) != 1) {
        const char* const reason = ERR_reason_error_string(ERR_peek_error());
        return account_fault("cannot take the roots from ca_file " + ca_file + " (" +
                                 (reason != nullptr ? reason : "unreadable") + "): it must be a readable PEM file",
                             "ca_file");
    }
    return context;
}

}  // namespace

struct TlsClient::Impl {
    explicit Impl(Scheduler& on) : scheduler(on) {}
    Result<SSL_CTX*> context_for(const std::string& ca_file);
    Scheduler& scheduler;
    Sessions sessions;
    std::map<std::string, Context> contexts;
};

TlsClient::TlsClient(Scheduler& scheduler) : impl_(std::make_unique<Impl>(scheduler)) {}
TlsClient::~TlsClient() = default;

Result<SSL_CTX*> TlsClient::Impl::context_for(const std::string& ca_file) {
    if (const auto found = contexts.find(ca_file); found != contexts.end()) return found->second.get();
    auto fresh = make_context(ca_file);
    if (!fresh) return fail(std::move(fresh.error()));
    if (contexts.size() >= root_sets_kept_max) contexts.clear();  // Connections hold what they use.
    return contexts.emplace(ca_file, std::move(*fresh)).first->second.get();
}

Task<Result<ConnectionPtr>> TlsClient::secure(ConnectionPtr plain, const Endpoint& endpoint) {
    const auto context = impl_->context_for(endpoint.ca_file);
    if (!context) co_return fail(context.error());
    SSL* const ssl = SSL_new(*context);
    auto dialled = std::make_shared<Dialled>(Dialled{.sessions = impl_->sessions,
                                                     .session_key = to_string(endpoint) + " " + endpoint.ca_file,
                                                     .host = endpoint.host,
                                                     .mistrust = {}});
    SSL_set_app_data(ssl, dialled.get());
    if (SocketAddress::numeric(endpoint.host, endpoint.port)) {
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), endpoint.host.c_str());
    } else {
        SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
        SSL_set1_host(ssl, endpoint.host.c_str());
        SSL_set_tlsext_host_name(ssl, endpoint.host.c_str());
    }
    if (const Session session = impl_->sessions.take(dialled->session_key)) SSL_set_session(ssl, session.get());
    SSL_set_connect_state(ssl);
    auto stream = std::make_unique<TlsStream>(impl_->scheduler, std::move(plain), ssl, dialled);
    const auto shaken = co_await stream->handshake();
    if (shaken) co_return ConnectionPtr(std::move(stream));
    if (!dialled->mistrust.empty()) co_return account_fault(dialled->mistrust, "certificate");
    if (shaken.error().code == "tls")
        co_return account_fault(shaken.error().detail + "; does it speak TLS at that port? (https:// in base_url)",
                                "tls");
    co_return fail(shaken.error());
}

}  // namespace evenkeel

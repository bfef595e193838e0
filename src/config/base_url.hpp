#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace evenkeel {

/// Where a provider's API begins: "https://nano-gpt.com/api/v1". Paths of the dialect are appended to it.
struct BaseUrl {
    bool tls = false;
    std::string host;  ///< Lower case; IPv6 without brackets.
    std::uint16_t port = 0;
    std::string path;     ///< Empty, or begins with a slash and does not end with one.
    std::string warning;  ///< What was guessed or looks wrong, for the operator; usually empty.
};
/// "https://nano-gpt.com/api/v1": the scheme's own port is left out, IPv6 stands in brackets.
std::string to_string(const BaseUrl& url);

/// Is this host this very machine? "localhost", "*.localhost", 127.0.0.0/8, ::1. Names are not resolved.
bool is_loopback(std::string_view host) noexcept;

/// A base URL as an operator writes it. Blanks around it and slashes at its end do not matter. Errors: request; the
/// detail says what to write instead. Never echoes user name or password.
Result<BaseUrl> parse_base_url(std::string_view text);

/// OLLAMA_HOST in every form that Ollama itself accepts (envconfig/config.go `Host` and `ConnectableHost`): blanks and
/// quotes, no scheme, no port, no host, IPv6 with or without brackets, a path; a bad port gives the scheme's own port
/// and a warning. A wildcard address, which servers are told to listen on, becomes loopback. Errors: request (another
/// scheme than http and https, or user and password).
Result<BaseUrl> parse_ollama_host(std::string_view text);

}  // namespace evenkeel

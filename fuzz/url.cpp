// Addresses as people and clients write them: what is read can be written and read again, and names no way out of a
// head.
#include <string>

#include "config/base_url.hpp"
#include "fuzz/fuzz.hpp"
#include "net/url.hpp"

namespace evenkeel::fuzz {
namespace {

void check(const Result<BaseUrl>& url) {
    if (!url) {
        require(!url.error().detail.empty(), "a refusal without words");
        return;
    }
    for (const std::string* part : {&url->host, &url->path})
        for (const char c : *part) require(static_cast<unsigned char>(c) > ' ' && c != 0x7f, "a blank in an address");
    require(!url->host.empty() && url->host.find_first_of("/@?#[]") == std::string::npos, "no host");
    require(url->path.empty() || (url->path.front() == '/' && url->path.back() != '/'), "an odd path");
}

std::string percent_encoded(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string all;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        all.append({'%', digits[byte >> 4U], digits[byte & 15U]});
    }
    return all;
}

}  // namespace

void fuzz_one(std::string_view input) {
    const Result<BaseUrl> base = parse_base_url(input);
    check(base);
    check(parse_ollama_host(input));
    if (base) {
        require(base->port != 0, "no port");
        const std::string written = to_string(*base);
        const Result<BaseUrl> again = parse_base_url(written);
        require(again.has_value(), "an address that was written is not read: " + written);
        require_same(written, to_string(*again), "reading what was written changed it");
    }
    const auto decoded = percent_decoded(input);
    if (decoded) require(decoded->size() <= input.size(), "decoding grew");
    const auto back = percent_decoded(percent_encoded(input));
    require(back && *back == input, "an encoded text did not come back");
    if (const auto query = parse_query(input))
        for (const auto& [name, value] : *query) require(name.size() + value.size() <= input.size(), "a query grew");
}

}  // namespace evenkeel::fuzz

// Replies of providers: how the bytes are split never changes what is read.
#include <string>

#include "fuzz/fuzz.hpp"
#include "net/http_client.hpp"
#include "net/http_response_parser.hpp"

namespace evenkeel::fuzz {
namespace {

class Reading {
public:
    explicit Reading(bool to_head) : parser_(limits(), to_head) {}
    bool take(std::string_view piece) {
        std::string wire(piece);
        body_ += parser_.take(wire);
        return parser_.state() < http::ResponseParser::State::whole;
    }
    std::string transcript() {
        if (parser_.state() < http::ResponseParser::State::whole) parser_.end();
        require(body_.size() <= limits().body_bytes_max, "a body over its limit was read");
        if (parser_.state() == http::ResponseParser::State::broken)
            return "broken " + parser_.error().code + " after " + body_;
        require(parser_.state() == http::ResponseParser::State::whole, "a reply whose connection has ended goes on");
        return std::to_string(parser_.status()) + (parser_.keeps_alive() ? "+" : "-") +
               std::string(parser_.header("content-type")) + "|" + std::string(parser_.header("retry-after")) + "|" +
               body_;
    }

private:
    static HttpClientLimits limits() {
        HttpClientLimits limits;
        limits.head_bytes_max = 2048;
        limits.body_bytes_max = 4096;
        return limits;
    }
    http::ResponseParser parser_;
    std::string body_;
};

}  // namespace

void fuzz_one(std::string_view input) {
    const bool to_head = (take_byte(input) & 1) != 0;
    const std::string_view seed = take_text(input, 4);
    Reading whole(to_head), split(to_head);
    if (!input.empty()) (void)whole.take(input);
    in_pieces(input, seed, [&](std::string_view piece) { return split.take(piece); });
    const std::string one = whole.transcript(), other = split.transcript();
    // What was given of a body before it broke depends on where the break lay in a piece; that it broke does not.
    if (one.starts_with("broken") && other.starts_with("broken")) return;
    // Bytes behind a whole reply are seen only by who got them in the same piece; they cost the connection.
    if (one.size() == other.size() && one.substr(0, 3) == other.substr(0, 3) && one.substr(4) == other.substr(4))
        return;
    require_same(one, other, "splitting a reply changed it");
}

}  // namespace evenkeel::fuzz

// Requests of clients: how the bytes are split never changes what is read, and nothing is read that two servers could
// understand differently.
#include <span>
#include <string>

#include "fuzz/fuzz.hpp"
#include "net/http_request_parser.hpp"

namespace evenkeel::fuzz {
namespace {

constexpr std::size_t requests_max = 8;

HttpServerLimits limits() {
    HttpServerLimits limits;
    limits.head_bytes_max = 2048;
    limits.fields_max = 20;
    limits.body_bytes_max = 4096;
    return limits;
}

/// What is read of `wire`, one line per request. `seed`: empty for all at once.
class Reading {
public:
    bool take(std::string_view piece) {
        pending_ += piece;
        while (!pending_.empty() && requests_ < requests_max) {
            std::span<char> input(pending_);
            const auto state = parser_.take(input);
            pending_.erase(0, pending_.size() - input.size());
            if (state == http::RequestParser::State::refused) {
                transcript_ += "refused " + std::to_string(parser_.refusal().status) + "\n";
                return over_ = true, false;
            }
            (void)parser_.take_expectation();
            if (state != http::RequestParser::State::whole) return true;
            tell();
            parser_.reset();
            ++requests_;
        }
        return requests_ < requests_max;
    }
    std::string transcript() const {
        return transcript_ + (over_ || requests_ == requests_max ? "" : parser_.begun() ? "begun" : "idle");
    }

private:
    void tell() {
        HttpIncoming& request = parser_.request();
        const bool chunked = !request.header("transfer-encoding").empty();
        const bool sized = !request.header("content-length").empty();
        require(!(chunked && sized), "a request with two framings was read");
        require(request.method != "CONNECT", "CONNECT was read");
        require(request.body.size() <= limits().body_bytes_max, "a body over its limit was read");
        require(request.target.find_first_of(" \r\n\t") == std::string::npos, "a target with blanks was read");
        transcript_.append(request.method).append(" ").append(request.target).append(" [");
        transcript_.append(request.path).append("?").append(request.query).append("]");
        for (const auto& [name, value] : request.headers) {
            require(name.find_first_of(": \r\n") == std::string::npos, "a field's name holds what ends it");
            require(value.find_first_of("\r\n") == std::string::npos, "a field's value holds a line's end");
            transcript_.append("|").append(name).append("=").append(value);
        }
        transcript_.append("|").append(request.body).append(parser_.keeps_alive() ? "+\n" : "-\n");
    }

    HttpServerLimits limits_ = limits();
    http::RequestParser parser_{limits_};
    std::string pending_, transcript_;
    std::size_t requests_ = 0;
    bool over_ = false;
};

}  // namespace

void fuzz_one(std::string_view input) {
    const std::string_view seed = take_text(input, 4);
    Reading whole, split;
    (void)whole.take(input);
    in_pieces(input, seed, [&](std::string_view piece) { return split.take(piece); });
    require_same(whole.transcript(), split.transcript(), "splitting a request changed it");
}

}  // namespace evenkeel::fuzz

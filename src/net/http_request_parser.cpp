#include "net/http_request_parser.hpp"

#include <algorithm>

#include "core/text.hpp"
#include "net/url.hpp"

namespace evenkeel::http {
namespace {

constexpr std::size_t method_bytes_max = 32;
/// Bodies grow as they arrive; more than this is not set aside on the word of a Content-Length.
constexpr std::size_t body_reserve_max = 256 * 1024;
/// What a connection keeps of it between two requests.
constexpr std::size_t body_kept_max = 8 * 1024;
/// Bodies whose memory a server keeps beyond that, each of at most body_reserve_max.
constexpr std::size_t bodies_spared_max = 32;

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

bool is_host(std::string_view host) noexcept {
    return !host.empty() && std::ranges::all_of(host, [](char c) {
        return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               std::string_view("-._~:[]%").contains(c);
    });
}

bool is_control(unsigned char c) noexcept { return c < 0x20 || c == 0x7f; }

}  // namespace

RequestParser::State RequestParser::take(std::span<char>& input) {
    if (state_ == State::head) {
        std::string_view view(input.data(), input.size());
        const HeadReader::State read = reader_.take(view);
        input = input.last(view.size());
        switch (read) {
            case HeadReader::State::more: return state_;
            case HeadReader::State::too_big: return refuse(431, "the head of the request is too big");
            case HeadReader::State::bad_line: return refuse(400, "a line of the head does not end in CR LF");
            case HeadReader::State::whole: take_head();
        }
    }
    return state_ == State::body ? take_body(input) : state_;
}

void RequestParser::reset() {
    reader_.reset();
    // What one request needed the next of the connection needs again, but for what is large.
    request_.headers.clear();
    request_.path.clear();
    give_body_back();
    chunked_.reset();
    left_ = 0;
    awaits_continue_ = false;
    state_ = State::head;
}

/// A connection that idles keeps little; what was larger serves the next large body of any connection, so that the heap
/// neither grows nor shrinks with each of them.
void RequestParser::give_body_back() {
    request_.body.clear();
    const std::size_t bytes = request_.body.capacity();
    if (bytes <= body_kept_max) return;
    if (spare_ != nullptr && bytes <= body_reserve_max && spare_->size() < bodies_spared_max)
        spare_->push_back(std::move(request_.body));
    request_.body = std::string();
}

RequestParser::State RequestParser::refuse(int status, std::string_view reason) noexcept {
    refusal_ = {status, reason};
    keeps_alive_ = false;
    return state_ = State::refused;
}

RequestParser::State RequestParser::take_head() {
    std::string_view head = reader_.head();
    if (!take_request_line(take_line(head))) return state_;
    Framing framing;
    request_.headers.reserve(usual_fields);
    while (!head.empty()) {
        if (request_.headers.size() == limits_.fields_max) return refuse(431, "the request has too many fields");
        const auto field = parse_field(take_line(head), Manner::strict);
        if (!field) return refuse(400, "a line of the head is no field");
        if (!take_field(*field, framing)) return state_;
    }
    if (framing.hosts > 1) return refuse(400, "Host is given more than once");
    if (framing.hosts == 0 && !is_http_1_0_) return refuse(400, "Host is missing");
    if (framing.hosts == 1 && !is_host(framing.host)) return refuse(400, "Host is no host");
    if (!take_target(framing.host)) return state_;
    keeps_alive_ = !framing.says_close && (!is_http_1_0_ || framing.says_keep_alive);
    return take_framing(framing);
}

bool RequestParser::take_request_line(std::string_view line) {
    const std::size_t first = line.find(' '), last = line.rfind(' ');
    if (first == std::string_view::npos || first == last) return refuse(400, "bad request line"), false;
    const std::string_view method = line.substr(0, first), version = line.substr(last + 1);
    if (!is_token(method) || method.size() > method_bytes_max) return refuse(400, "bad method"), false;
    if (version.size() != 8 || !version.starts_with("HTTP/") || !is_digit(version[5]) || version[6] != '.' ||
        !is_digit(version[7]))
        return refuse(400, "bad request line"), false;
    if (version != "HTTP/1.1" && version != "HTTP/1.0") return refuse(505, "only HTTP/1.1 is spoken here"), false;
    is_http_1_0_ = version == "HTTP/1.0";
    request_.method = method;
    request_.target = line.substr(first + 1, last - first - 1);
    return true;
}

bool RequestParser::take_field(const Field& field, Framing& framing) {
    const auto is = [&](std::string_view name) {
        return field.name.size() == name.size() && equals_ignoring_case(field.name, name);
    };
    if (is("host")) {
        ++framing.hosts;
        framing.host = field.value;
    } else if (is("content-length")) {
        ++framing.lengths;
        framing.length = field.value;
    } else if (is("transfer-encoding")) {
        ++framing.codings;
        framing.coding = field.value;
    } else if (is("connection")) {
        framing.says_close |= lists(field.value, "close");
        framing.says_keep_alive |= lists(field.value, "keep-alive");
    } else if (is("expect")) {
        if (!equals_ignoring_case(field.value, "100-continue")) return refuse(417, "unknown expectation"), false;
        framing.expects = true;
    }
    request_.headers.emplace_back(field.name, field.value);
    return true;
}

bool RequestParser::take_target(std::string_view host) {
    std::string_view target = request_.target;
    if (request_.method == "CONNECT") return refuse(501, "this is no proxy"), false;
    if (std::ranges::any_of(target, [](unsigned char c) { return c <= ' ' || c >= 0x7f || c == '#'; }))
        return refuse(400, "bad request target"), false;
    if (target == "*" && request_.method == "OPTIONS") {
        request_.path = target;
        return true;
    }
    const std::size_t scheme = target.find("://");
    if (!target.starts_with('/') && scheme != std::string_view::npos &&
        (equals_ignoring_case(target.substr(0, scheme), "http") ||
         equals_ignoring_case(target.substr(0, scheme), "https"))) {
        target.remove_prefix(scheme + 3);
        const std::string_view authority = target.substr(0, target.find_first_of("/?"));
        if (!is_host(authority) || (!host.empty() && !equals_ignoring_case(authority, host)))
            return refuse(400, "the target names another host than Host"), false;
        target.remove_prefix(authority.size());
        if (target.empty()) target = "/";
    }
    if (!target.starts_with('/')) return refuse(400, "bad request target"), false;
    const std::size_t question = std::min(target.find('?'), target.size());
    request_.query = target.substr(std::min(question + 1, target.size()));
    target = target.substr(0, question);
    if (!target.contains('%')) {
        request_.path = target;  // Without control characters: it was looked at above.
        return true;
    }
    auto path = percent_decoded(target);
    if (!path || std::ranges::any_of(*path, is_control)) return refuse(400, "bad escape in the path"), false;
    request_.path = std::move(*path);
    return true;
}

RequestParser::State RequestParser::take_framing(const Framing& framing) {
    if (framing.codings > 0) {
        if (framing.lengths > 0) return refuse(400, "both Content-Length and Transfer-Encoding");
        if (is_http_1_0_) return refuse(400, "Transfer-Encoding in HTTP/1.0");
        if (framing.codings > 1 || !equals_ignoring_case(framing.coding, "chunked"))
            return refuse(501, "a transfer coding other than chunked");
        chunked_.emplace(Manner::strict);
    } else if (framing.lengths > 0) {
        if (framing.lengths > 1) return refuse(400, "Content-Length is given more than once");
        const auto length = parse_length(framing.length);
        if (!length) return refuse(400, "Content-Length is no number");
        if (*length > limits_.body_bytes_max) return refuse(413, "the body is too big");
        left_ = *length;
        if (left_ > body_kept_max && spare_ != nullptr && !spare_->empty()) {
            request_.body = std::move(spare_->back());
            spare_->pop_back();
        }
        request_.body.reserve(std::min(left_, body_reserve_max));
    }
    const bool has_body = chunked_ || left_ > 0;
    awaits_continue_ = framing.expects && has_body && !is_http_1_0_;
    return state_ = has_body ? State::body : State::whole;
}

RequestParser::State RequestParser::take_body(std::span<char>& input) {
    if (!chunked_) {
        const std::size_t part = std::min(left_, input.size());
        request_.body.append(input.data(), part);
        input = input.subspan(part);
        left_ -= part;
        return state_ = left_ == 0 ? State::whole : State::body;
    }
    std::size_t used = 0;
    const std::string_view bytes = chunked_->decode(input, used);
    input = input.subspan(used);
    if (bytes.size() > limits_.body_bytes_max - request_.body.size()) return refuse(413, "the body is too big");
    request_.body += bytes;
    if (!chunked_->problem().empty()) return refuse(400, chunked_->problem());
    return state_ = chunked_->whole() ? State::whole : State::body;
}

}  // namespace evenkeel::http

#include "net/http_response_parser.hpp"

#include <algorithm>

#include "core/text.hpp"

namespace evenkeel::http {
namespace {
/// A server that sends more interim replies than this is playing for time.
constexpr std::size_t interims_max = 16;
constexpr std::string_view protocol = "HTTP/";
}  // namespace

std::string_view ResponseParser::take(std::span<char> wire) {
    if (!wire.empty()) untouched_ = false;
    while (state_ == State::head && !wire.empty()) {
        std::string_view view(wire.data(), wire.size());
        const HeadReader::State read = reader_.take(view);
        wire = wire.last(view.size());
        const std::string_view seen = reader_.head().substr(0, protocol.size());
        const bool may_be_http = protocol.starts_with(seen) || seen == "\r";  // The latter begins an empty line.
        if (!may_be_http || read == HeadReader::State::bad_line)
            break_off(ErrorClass::bad_answer, "not_http", "what came is not HTTP");
        else if (read == HeadReader::State::too_big)
            break_off(ErrorClass::bad_answer, "head_too_big",
                      "the head of the reply is larger than " + format_size(limits_.head_bytes_max));
        else if (read == HeadReader::State::whole)
            take_head();
    }
    if (state_ == State::body) return take_body(wire);
    // Bytes that nobody asked for: whatever they are, they must not answer the next request.
    if (!wire.empty()) keeps_alive_ = false;
    return {};
}

void ResponseParser::end() {
    keeps_alive_ = false;
    if (state_ == State::head && untouched_)
        break_off(ErrorClass::transient, "closed", "the connection was closed before the first byte of a reply");
    else if (state_ == State::head)
        break_off(ErrorClass::transient, "cut", "the connection was closed within the head of the reply");
    else if (state_ == State::body && (left_ || chunked_))
        break_off(ErrorClass::transient, "cut", "the reply was cut short: its end did not arrive");
    else if (state_ == State::body)
        state_ = State::whole;
}

/// Looked for when it is asked for: most are not, and a reply that streams for long keeps only its head.
std::string_view ResponseParser::header(std::string_view name) const noexcept {
    std::string_view head = reader_.head();
    take_line(head);
    while (!head.empty()) {
        const std::string_view line = take_line(head);
        if (line.size() <= name.size() || !equals_ignoring_case(line.substr(0, name.size()), name)) continue;
        const auto field = parse_field(line, Manner::lenient);
        if (field && field->name.size() == name.size()) return field->value;
    }
    return {};
}

void ResponseParser::take_head() {
    std::string_view head = reader_.head();
    if (!take_status_line(take_line(head)))
        return break_off(ErrorClass::bad_answer, "not_http", "the reply has a broken status line");
    if (status_ < 200) {
        // 101 would hand the connection to a protocol that was never asked for.
        if (status_ == 101 || ++interims_ > interims_max)
            return break_off(ErrorClass::bad_answer, "framing", "the reply has interim heads without end");
        reader_.reset();
        return;
    }
    take_framing(head);
}

bool ResponseParser::take_status_line(std::string_view line) {
    if (!line.starts_with("HTTP/1.") || line.size() < 12 || line[8] != ' ') return false;
    if (line.size() > 12 && line[12] != ' ') return false;
    is_http_1_0_ = line[7] == '0';
    const auto status = parse_length(line.substr(9, 3));
    status_ = static_cast<int>(status.value_or(0));
    return (is_http_1_0_ || line[7] == '1') && status_ >= 100;
}

void ResponseParser::take_framing(std::string_view fields) {
    bool says_close = false, says_keep_alive = false, is_ambiguous = false;
    while (!fields.empty()) {
        const std::string_view line = take_line(fields);
        if (line.starts_with(' ') || line.starts_with('\t'))
            return break_off(ErrorClass::bad_answer, "framing", "the reply has a folded field");
        // Nobody else reads the others unless they are asked for by name.
        if (line.empty() || !std::string_view("cCtT").contains(line.front())) continue;
        const auto field = parse_field(line, Manner::lenient);
        if (!field) continue;
        if (equals_ignoring_case(field->name, "connection")) {
            says_close |= lists(field->value, "close");
            says_keep_alive |= lists(field->value, "keep-alive");
        } else if (equals_ignoring_case(field->name, "transfer-encoding")) {
            if (chunked_ || !equals_ignoring_case(field->value, "chunked"))
                return break_off(ErrorClass::bad_answer, "framing", "the reply has a transfer coding but chunked");
            chunked_.emplace(Manner::lenient);
        } else if (equals_ignoring_case(field->name, "content-length")) {
            const auto length = parse_length(field->value);
            if (!length || (left_ && left_ != length))
                return break_off(ErrorClass::bad_answer, "framing", "the reply has a broken Content-Length");
            left_ = length;
        }
    }
    if (to_head_ || status_ == 204 || status_ == 304) {
        chunked_.reset();
        left_ = 0;
    } else if (const std::string_view coding = header("content-encoding");
               !coding.empty() && !equals_ignoring_case(coding, "identity")) {
        return break_off(ErrorClass::bad_answer, "content_encoding",
                         "the reply is encoded (" + one_line(coding, 20) + ") although identity was asked for");
    }
    if (chunked_) {
        is_ambiguous = left_.has_value();
        left_.reset();
    }
    if (left_.value_or(0) > limits_.body_bytes_max)
        return break_off(ErrorClass::bad_answer, "body_too_big",
                         "the reply announces a body larger than " + format_size(limits_.body_bytes_max));
    keeps_alive_ = (left_ || chunked_) && !is_ambiguous && !says_close && (!is_http_1_0_ || says_keep_alive);
    state_ = left_ == 0U ? State::whole : State::body;
}

std::string_view ResponseParser::take_body(std::span<char> wire) {
    std::string_view body(wire.data(), wire.size());
    std::size_t used = wire.size();
    if (chunked_) {
        body = chunked_->decode(wire, used);
        if (chunked_->whole()) state_ = State::whole;
        if (!chunked_->problem().empty())
            break_off(ErrorClass::bad_answer, "framing", std::string(chunked_->problem()));
    } else if (left_) {
        used = std::min(*left_, wire.size());
        body = body.substr(0, used);
        *left_ -= used;
        if (*left_ == 0) state_ = State::whole;
    }
    if (used < wire.size()) keeps_alive_ = false;
    if (body.size() > limits_.body_bytes_max - body_bytes_) {
        break_off(ErrorClass::bad_answer, "body_too_big",
                  "the body of the reply is larger than " + format_size(limits_.body_bytes_max));
        return {};
    }
    body_bytes_ += body.size();
    return body;
}

void ResponseParser::break_off(ErrorClass cls, std::string_view code, std::string detail) {
    state_ = State::broken;
    keeps_alive_ = false;
    error_ = provider_fault(cls, Scope::provider, std::move(detail), std::string(code)).error();
}

}  // namespace evenkeel::http

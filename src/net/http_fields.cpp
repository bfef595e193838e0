#include "net/http_fields.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/text.hpp"

namespace evenkeel::http {
namespace {

constexpr std::array<bool, 256> token_chars() {
    std::array<bool, 256> table{};
    for (const unsigned char c :
         std::string_view("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"))
        table[c] = true;
    return table;
}
constexpr auto is_token_char = token_chars();

/// Set aside at once, so that a usual head grows no string.
constexpr std::size_t usual_head_bytes = 512;

bool is_blank(char c) noexcept { return c == ' ' || c == '\t'; }

std::string_view without_blanks(std::string_view text) noexcept {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

}  // namespace

HeadReader::State HeadReader::take(std::string_view& input) {
    if (head_.empty()) head_.reserve(std::min(usual_head_bytes, bytes_max_));
    while (!input.empty()) {
        const std::size_t lf = input.find('\n');
        const std::size_t part = lf == std::string_view::npos ? input.size() : lf + 1;
        if (part > bytes_max_ - head_.size()) return State::too_big;
        head_ += input.substr(0, part);
        input.remove_prefix(part);
        if (lf == std::string_view::npos) return State::more;
        const std::string_view line = std::string_view(head_).substr(line_at_);
        const bool has_cr = line.ends_with("\r\n");
        if (!has_cr && manner_ == Manner::strict) return State::bad_line;
        if (line.size() > (has_cr ? 2U : 1U)) {
            line_at_ = head_.size();
            continue;
        }
        head_.resize(line_at_);
        if (line_at_ > 0) return State::whole;
        if (std::exchange(skipped_, true)) return State::bad_line;
    }
    return State::more;
}

void HeadReader::reset() noexcept {
    head_.clear();
    line_at_ = 0;
    skipped_ = false;
}

std::string_view take_line(std::string_view& text) noexcept {
    const std::size_t lf = text.find('\n');
    std::string_view line = text.substr(0, lf);
    text.remove_prefix(lf == std::string_view::npos ? text.size() : lf + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

std::optional<Field> parse_field(std::string_view line, Manner manner) noexcept {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    std::string_view name = line.substr(0, colon);
    if (manner == Manner::lenient)
        while (!name.empty() && is_blank(name.back())) name.remove_suffix(1);
    const std::string_view value = without_blanks(line.substr(colon + 1));
    if (!is_token(name) || !is_field_value(value)) return std::nullopt;
    return Field{name, value};
}

bool is_token(std::string_view text) noexcept {
    bool all = true;  // No early exit: names are short and nearly always good.
    for (const unsigned char c : text) all &= is_token_char[c];
    return all && !text.empty();
}

bool is_field_value(std::string_view text) noexcept {
    bool bad = false;  // No early exit: so the loop runs on vectors.
    for (const unsigned char c : text) bad |= (c < 0x20 && c != '\t') || c == 0x7f;
    return !bad;
}

bool lists(std::string_view list, std::string_view word) noexcept {
    while (!list.empty()) {
        const std::size_t comma = std::min(list.find(','), list.size());
        if (equals_ignoring_case(without_blanks(list.substr(0, comma)), word)) return true;
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
    return false;
}

std::optional<std::size_t> parse_length(std::string_view digits) noexcept {
    std::size_t length = 0;
    if (digits.empty() || digits.front() < '0' || digits.front() > '9') return std::nullopt;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
    if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    return length;
}

namespace {
template <class Fields>
std::string_view find_in(const Fields& fields, std::string_view name) noexcept {
    for (const auto& [field, value] : fields)
        if (field.size() == name.size() && equals_ignoring_case(field, name)) return value;
    return {};
}
}  // namespace

std::string_view find_field(const HttpHeaders& headers, std::string_view name) noexcept {
    return find_in(headers, name);
}
std::string_view find_field(const HttpFieldViews& fields, std::string_view name) noexcept {
    return find_in(fields, name);
}

Result<void> append_fields(std::string& head, const HttpHeaders& headers) {
    for (const auto& [name, value] : headers) {
        if (!is_token(name) || !is_field_value(value))
            return own_fault(ErrorClass::internal,
                             "the HTTP field '" + one_line(name, 40) + "' has a name or value that no field can have");
        for (const std::string_view ours : {"content-length", "transfer-encoding", "connection"})
            if (equals_ignoring_case(name, ours))
                return own_fault(ErrorClass::internal, "the HTTP field '" + name + "' is set by the codec alone");
        head.append(name).append(": ").append(value).append("\r\n");
    }
    return {};
}

std::string_view reason_phrase(int status) noexcept {
    switch (status) {
        case 200: return "OK";
        case 201: return "Created";
        case 202: return "Accepted";
        case 204: return "No Content";
        case 301: return "Moved Permanently";
        case 302: return "Found";
        case 303: return "See Other";
        case 304: return "Not Modified";
        case 307: return "Temporary Redirect";
        case 308: return "Permanent Redirect";
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 402: return "Payment Required";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 408: return "Request Timeout";
        case 409: return "Conflict";
        case 410: return "Gone";
        case 413: return "Content Too Large";
        case 415: return "Unsupported Media Type";
        case 417: return "Expectation Failed";
        case 422: return "Unprocessable Content";
        case 429: return "Too Many Requests";
        case 431: return "Request Header Fields Too Large";
        case 500: return "Internal Server Error";
        case 501: return "Not Implemented";
        case 502: return "Bad Gateway";
        case 503: return "Service Unavailable";
        case 504: return "Gateway Timeout";
        case 505: return "HTTP Version Not Supported";
        default: return "Unknown";
    }
}

}  // namespace evenkeel::http

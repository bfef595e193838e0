#include "net/ndjson_parser.hpp"

#include <cstdint>

#include "core/text.hpp"

namespace evenkeel {
namespace {
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
}

Result<std::span<const std::string_view>> NdjsonParser::feed(std::string_view bytes) {
    lines_.clear();
    while (!error_) {
        const std::size_t end = bytes.find('\n');
        const std::string_view rest = bytes.substr(0, end);
        if (!fits(partial_.size() + rest.size())) break;
        if (end == std::string_view::npos) {
            partial_ += rest;
            break;
        }
        if (partial_.empty()) {
            give(rest);
        } else {
            // At most once a call: only its first line can have begun earlier.
            whole_ = std::move(partial_);
            whole_ += rest;
            partial_.clear();
            give(whole_);
        }
        bytes.remove_prefix(end + 1);
    }
    return outcome();
}

Result<std::span<const std::string_view>> NdjsonParser::finish() {
    lines_.clear();
    whole_ = std::move(partial_);
    partial_.clear();
    if (!error_) give(whole_);
    return outcome();
}

void NdjsonParser::give(std::string_view line) {
    if (std::exchange(first_line_, false) && line.starts_with(byte_order_mark))
        line.remove_prefix(byte_order_mark.size());
    line = trimmed(line);
    if (!line.empty()) lines_.push_back(line);
}

bool NdjsonParser::fits(std::size_t line_bytes) {
    if (line_bytes <= line_bytes_max_) return true;
    error_ = provider_fault(ErrorClass::bad_answer, Scope::request,
                            "a line of the stream is longer than " + format_size(line_bytes_max_), "line_too_long")
                 .error();
    return false;
}

Result<std::span<const std::string_view>> NdjsonParser::outcome() {
    if (error_ && lines_.empty()) return fail(*error_);
    return std::span<const std::string_view>(lines_);
}

}  // namespace evenkeel

#include "net/sse_parser.hpp"

#include <algorithm>

#include "core/text.hpp"

namespace evenkeel {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

Error too_long(std::string_view what, std::size_t bytes_max) {
    return provider_fault(ErrorClass::bad_answer, Scope::request,
                          std::string(what) + " of the stream is longer than " + format_size(bytes_max),
                          "event_too_long")
        .error();
}

}  // namespace

Result<std::span<const SseEvent>> SseParser::feed(std::string_view bytes) {
    begin_call();
    if (skip_lf_ && !bytes.empty()) {
        if (bytes.front() == '\n') bytes.remove_prefix(1);
        skip_lf_ = false;
    }
    if (!error_) take_lines(bytes);
    keep_pending();
    return outcome();
}

Result<std::span<const SseEvent>> SseParser::finish() {
    begin_call();
    if (!error_ && !line_.empty()) take_first_line({});
    if (!error_) dispatch();
    return outcome();
}

void SseParser::take_lines(std::string_view bytes) {
    // Both ends are searched ahead and kept: a stream that uses only one kind is still scanned once.
    constexpr std::size_t none = std::string_view::npos;
    std::size_t lf = bytes.find('\n'), cr = bytes.find('\r');
    std::size_t at = 0;
    while (!error_) {
        if (lf != none && lf < at) lf = bytes.find('\n', at);
        if (cr != none && cr < at) cr = bytes.find('\r', at);
        const std::size_t end = std::min(lf, cr);
        const std::string_view line = bytes.substr(at, end == none ? none : end - at);
        if (!fits(line_.size() + line.size())) return;
        if (end == none) {
            line_ += line;
            return;
        }
        if (line_.empty())
            take_line(line);
        else
            take_first_line(line);
        at = end + 1;
        if (end != cr) continue;
        if (at == bytes.size())
            skip_lf_ = true;
        else if (bytes[at] == '\n')
            ++at;
    }
}

/// A line that began in an earlier call, `line` being its end.
void SseParser::take_first_line(std::string_view line) {
    copies_.push_back(std::move(line_));
    line_.clear();
    copies_.back() += line;
    take_line(copies_.back());
}

void SseParser::take_line(std::string_view line) {
    if (std::exchange(first_line_, false) && line.starts_with(byte_order_mark))
        line.remove_prefix(byte_order_mark.size());
    if (line.empty()) return dispatch();
    const std::size_t colon = line.find(':');
    if (colon == 0) {
        ++comments_;
        return;
    }
    if (colon == std::string_view::npos) return take_field(line, {});
    std::string_view value = line.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    take_field(line.substr(0, colon), value);
}

void SseParser::take_field(std::string_view name, std::string_view value) {
    if (name == "data") {
        add_data(value);
    } else if (name == "event") {
        name_ = value;
    } else if (name == "error") {
        name_ = name;
        add_data(value);
    }
}

void SseParser::add_data(std::string_view value) {
    const std::size_t bytes = (data_ ? data_->size() + 1 : 0) + value.size();
    if (bytes > limits_.event_bytes_max) {
        error_ = too_long("an event", limits_.event_bytes_max);
        return;
    }
    if (!data_) {
        data_ = value;
        return;
    }
    if (data_->data() != joined_.data()) joined_ = *data_;
    joined_ += '\n';
    joined_ += value;
    data_ = joined_;
}

void SseParser::dispatch() {
    if (data_ && !trimmed(*data_).empty()) {
        const std::string_view data = moved_out(moved_out(*data_, joined_), kept_data_);
        events_.push_back({moved_out(name_, kept_name_), data});
    }
    joined_.clear();
    name_ = {};
    data_.reset();
}

/// What is given must not lie where the next pending event will be kept.
std::string_view SseParser::moved_out(std::string_view view, std::string& holder) {
    if (view.empty() || view.data() != holder.data()) return view;
    return copies_.emplace_back(std::move(holder));
}

/// The pending event outlives the input: what it views is copied. Views into the copies themselves stay as they are.
void SseParser::keep_pending() {
    if (!name_.empty() && name_.data() != kept_name_.data()) {
        kept_name_ = name_;
        name_ = kept_name_;
    }
    if (data_ && data_->data() != kept_data_.data() && data_->data() != joined_.data()) {
        kept_data_ = *data_;
        data_ = kept_data_;
    }
}

bool SseParser::fits(std::size_t line_bytes) {
    if (line_bytes > limits_.line_bytes_max) error_ = too_long("a line", limits_.line_bytes_max);
    return !error_;
}

void SseParser::begin_call() {
    events_.clear();
    copies_.clear();
}

Result<std::span<const SseEvent>> SseParser::outcome() {
    if (error_ && events_.empty()) return fail(*error_);
    return std::span<const SseEvent>(events_);
}

}  // namespace evenkeel

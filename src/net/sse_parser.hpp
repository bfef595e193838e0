#pragma once
#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"

namespace evenkeel {

/// One dispatched event. `name` is empty where the stream gave none.
struct SseEvent {
    std::string_view name;
    std::string_view data;  ///< Its `data` lines, joined by LF. Never blank.
};

struct SseLimits {
    std::size_t line_bytes_max = 16 * 1024 * 1024;   ///< Images and tool arguments come as one line.
    std::size_t event_bytes_max = 16 * 1024 * 1024;  ///< The data of one event.
};

/// Server-sent events as a push machine (WHATWG, then the leniency that providers need): LF, CR and CRLF mixed, a BOM,
/// no space after the colon. `id`, `retry` and unknown fields are ignored, and so are events whose data is blank. A
/// field named `error` (old llama.cpp) is an event of that name. How the bytes are split never changes the result.
class SseParser {
public:
    explicit SseParser(SseLimits limits = {}) noexcept : limits_(limits) {}

    /// The events that `bytes` complete. An event that lies within `bytes` on one data line is a view into them, the
    /// others are views into the parser: all die at the next call, or with `bytes`.
    /// Errors: bad_answer (over a limit), told once all events before it have been given, and at every call since.
    Result<std::span<const SseEvent>> feed(std::string_view bytes);
    /// At the end of the stream: the event that lacked its blank line, if there is one. Whether it is whole is for the
    /// caller to judge.
    Result<std::span<const SseEvent>> finish();

    /// Comment lines so far: signs of life of the connection, not of the model.
    std::uint64_t comments() const noexcept { return comments_; }

private:
    void take_lines(std::string_view bytes);
    void take_first_line(std::string_view line);
    void take_line(std::string_view line);
    void take_field(std::string_view name, std::string_view value);
    void add_data(std::string_view value);
    void dispatch();
    std::string_view moved_out(std::string_view view, std::string& holder);
    void keep_pending();
    bool fits(std::size_t line_bytes);
    void begin_call();
    Result<std::span<const SseEvent>> outcome();

    SseLimits limits_;
    std::vector<SseEvent> events_;   ///< What this call gives.
    std::list<std::string> copies_;  ///< What its events view where the input did not hold them in one piece.
    std::string line_;               ///< The beginning of a line whose end has not arrived.
    std::string_view name_;          ///< Of the pending event: views into the input, `copies_`, or `kept_name_`.
    std::optional<std::string_view> data_;
    std::string joined_;  ///< The pending event's data where it has more than one line.
    std::string kept_name_, kept_data_;
    bool skip_lf_ = false;    ///< The last byte was CR: a LF that follows belongs to it.
    bool first_line_ = true;  ///< Only there a BOM is looked for.
    std::optional<Error> error_;
    std::uint64_t comments_ = 0;
};

}  // namespace evenkeel

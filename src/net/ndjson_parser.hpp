#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"

namespace evenkeel {

/// Newline-delimited JSON as a push machine: lines out of bytes, LF or CRLF, blank lines skipped, a last line without
/// its end given by `finish`. How the bytes are split never changes the result.
class NdjsonParser {
public:
    /// Ollama's own client takes lines of 8 MiB; tool arguments and `context` arrays are long.
    static constexpr std::size_t default_line_bytes_max = 16 * 1024 * 1024;
    explicit NdjsonParser(std::size_t line_bytes_max = default_line_bytes_max) noexcept
        : line_bytes_max_(line_bytes_max) {}

    /// The lines that `bytes` complete, without their ends. A line that lies within `bytes` is a view into them, one
    /// that began earlier a view into the parser: all die at the next call, or with `bytes`.
    /// Errors: bad_answer (over the limit), told once all lines before it have been given, and at every call since.
    Result<std::span<const std::string_view>> feed(std::string_view bytes);
    /// At the end of the stream: the line that lacked its end, if there is one.
    Result<std::span<const std::string_view>> finish();

private:
    void give(std::string_view line);
    bool fits(std::size_t line_bytes);
    Result<std::span<const std::string_view>> outcome();

    std::size_t line_bytes_max_;
    std::vector<std::string_view> lines_;
    std::string partial_;  ///< The beginning of a line whose end has not arrived.
    std::string whole_;    ///< The line of this call that began in an earlier one.
    bool first_line_ = true;
    std::optional<Error> error_;
};

}  // namespace evenkeel

#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "core/task.hpp"

namespace evenkeel::terminal {

/// Where the person's lines come from.
class LineSource {
public:
    virtual ~LineSource() = default;
    /// The next line without its end; empty at the end of input. Dropping the task gives the line being typed up.
    virtual Task<Result<std::optional<std::string>>> read(std::string prompt) = 0;
    /// Shows `text` (whole lines) above the line being typed, which stays as it is.
    virtual void interject(std::string_view text) = 0;
};

/// Resumes when standard input can be read.
using InputReady = std::function<Task<Result<void>>()>;
/// The next bytes of standard input; empty at its end.
using InputBytes = std::function<Task<Result<std::string>>()>;

/// A line may be this long; a longer one is refused with a clear error, not cut.
inline constexpr std::size_t line_bytes_max = 256 * 1024;

/// Line editing and history on a terminal. The history file is made with mode 0600 and keeps the newest 1,000 lines; an
/// empty name keeps none. At most one at a time in a process.
std::unique_ptr<LineSource> make_line_editor(InputReady ready, std::string history_file);

/// Lines of a pipe or file; no prompt, `interject` goes to `out`.
std::unique_ptr<LineSource> make_plain_lines(InputBytes bytes, std::function<void(std::string_view)> out);

}  // namespace evenkeel::terminal

#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "frontends/terminal/screen.hpp"

namespace evenkeel::terminal {

/// Makes a model's Markdown readable on a terminal while it streams: emphasis, code, headings and lists become styles,
/// everything else stays as it is. It holds back only what it cannot judge yet (a lone `*`, the first characters of a
/// line), so a token appears as soon as it can. Control characters of the text never reach the terminal.
class Markdown {
public:
    explicit Markdown(bool colours) noexcept : colours_(colours) {}
    /// What may be shown of `text` now.
    std::string feed(std::string_view text);
    /// What was held back; and back to plain.
    std::string finish();
    /// What comes next is code, whose lines are its own.
    bool in_code_block() const noexcept { return in_fence_; }

private:
    void take(char c, std::string& out);
    void line_start(char c, std::string& out);
    void inline_mark(char next, std::string& out);
    void decide_line(std::string& out);
    void end_line(std::string& out);
    void restyle(std::string& out);

    bool colours_;
    bool at_line_start_ = true;
    bool in_fence_ = false, fence_line_ = false;
    bool bold_ = false, italic_ = false, code_ = false, heading_ = false;
    char last_ = '\n';  ///< The last character shown, to tell an opening mark from a multiplication sign.
    std::string held_;  ///< The undecided start of a line, or a run of one mark.
};

/// A whole text made readable, broken between words where `columns` says how wide the screen is (0: it is none).
std::string readable(std::string_view markdown, bool colours, std::size_t columns);

}  // namespace evenkeel::terminal

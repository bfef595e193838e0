#include "frontends/terminal/markdown.hpp"

#include <algorithm>
#include <utility>

#include "frontends/terminal/word_wrap.hpp"

namespace evenkeel::terminal {
namespace {

constexpr std::string_view line_marks = "#`-*+ >";
constexpr std::size_t line_mark_bytes_max = 12;  // Deeper indentation is text.

bool is_mark(char c) noexcept { return c == '*' || c == '`' || c == '_'; }
bool is_control(char c) noexcept {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7f;
}
bool is_word(char c) noexcept {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace

std::string Markdown::feed(std::string_view text) {
    std::string out;
    for (const char c : text)
        if (!is_control(c)) take(c, out);
    return out;
}

std::string Markdown::finish() {
    std::string out;
    if (at_line_start_)
        decide_line(out);
    else
        inline_mark('\n', out);
    out += held_;
    held_.clear();
    const bool styled_text = bold_ || italic_ || code_ || heading_ || in_fence_;
    bold_ = italic_ = code_ = heading_ = in_fence_ = fence_line_ = false;
    if (styled_text) restyle(out);
    at_line_start_ = true;
    last_ = '\n';
    return out;
}

void Markdown::take(char c, std::string& out) {
    if (c == '\n') {
        if (at_line_start_)
            decide_line(out);
        else
            inline_mark('\n', out);
        end_line(out);
        return;
    }
    if (at_line_start_) {
        line_start(c, out);
        return;
    }
    if (in_fence_ || fence_line_) {
        if (!fence_line_) out += c;  // The language after ``` is for renderers, not for readers.
        return;
    }
    if (!held_.empty() && c != held_.front()) inline_mark(c, out);
    if (is_mark(c) && !(code_ && c != '`')) {
        held_ += c;
        return;
    }
    out += c;
    last_ = c;
}

void Markdown::line_start(char c, std::string& out) {
    if (line_marks.contains(c) && held_.size() < line_mark_bytes_max && !held_.ends_with("- ") &&
        !held_.ends_with("# ")) {
        held_ += c;
        return;
    }
    decide_line(out);
    take(c, out);
}

/// Judges the held start of a line: a fence, a heading, a bullet, or plain text that goes on as such.
void Markdown::decide_line(std::string& out) {
    at_line_start_ = false;
    const std::string start = std::exchange(held_, {});
    const std::string_view marks = std::string_view(start).substr(std::min(start.find_first_not_of(' '), start.size()));
    if (marks.starts_with("```")) {
        in_fence_ = !in_fence_;
        fence_line_ = true;
        return;
    }
    if (in_fence_) {
        out += escape(Style::code, colours_);
        out += start;
        return;
    }
    const std::size_t hashes = std::min(marks.find_first_not_of('#'), marks.size());
    if (hashes >= 1 && hashes <= 6 && marks.substr(hashes).starts_with(' ')) {
        heading_ = true;
        restyle(out);
        return;
    }
    const bool bullet = marks.size() >= 2 && (marks[0] == '-' || marks[0] == '*' || marks[0] == '+') && marks[1] == ' ';
    if (bullet) {
        out += start.substr(0, start.size() - marks.size());
        out += "• ";
        for (const char c : marks.substr(2)) take(c, out);
        return;
    }
    for (const char c : start) take(c, out);
}

/// Judges a held run of `*`, `_` or `` ` ``, knowing what follows it: it opens or closes a style, or is text.
void Markdown::inline_mark(char next, std::string& out) {
    if (held_.empty()) return;
    const std::string run = std::exchange(held_, {});
    const bool may_open = next != ' ' && next != '\n' && !is_word(last_);
    const bool stars = run.front() == '*' && run.size() <= 3;
    const bool wants_bold = run.size() >= 2, wants_italic = run.size() != 2;
    if (run.front() == '`' && run.size() <= 2 && (code_ || next != '\n')) {
        code_ = !code_;
    } else if (stars && ((wants_bold && bold_) || (wants_italic && italic_) || may_open)) {
        if (wants_bold) bold_ = !bold_;
        if (wants_italic) italic_ = !italic_;
    } else {
        out += run;  // snake_case, 2*3 and the like.
        last_ = run.front();
        return;
    }
    restyle(out);
}

void Markdown::end_line(std::string& out) {
    const bool styled_line = bold_ || italic_ || code_ || heading_ || in_fence_;
    bold_ = italic_ = code_ = heading_ = false;
    if (styled_line) restyle(out);
    // A fence's own line disappears whole, its line end too.
    if (!std::exchange(fence_line_, false)) out += '\n';
    at_line_start_ = true;
    last_ = '\n';
}

void Markdown::restyle(std::string& out) {
    out += escape(Style::plain, colours_);
    if (heading_) out += escape(Style::heading, colours_);
    if (bold_) out += escape(Style::bold, colours_);
    if (italic_) out += escape(Style::italic, colours_);
    if (code_) out += escape(Style::code, colours_);
}

std::string readable(std::string_view markdown, bool colours, std::size_t columns) {
    Markdown shown(colours);
    WordWrap wrap(columns);
    for (const char& letter : markdown) {
        const std::string text = shown.feed({&letter, 1});
        wrap.take(text, shown.in_code_block());
    }
    wrap.take(shown.finish());
    return wrap.flush();
}

}  // namespace evenkeel::terminal

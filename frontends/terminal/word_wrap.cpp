#include "frontends/terminal/word_wrap.hpp"

#include <fmt/format.h>

#include <utility>

#include "core/text.hpp"
#include "frontends/terminal/screen.hpp"

namespace evenkeel::terminal {
namespace {

constexpr std::size_t columns_min = 20;
constexpr std::size_t utf8_bytes_max = 4;
constexpr std::size_t tab_stop = 8;
constexpr char escape_char = '\x1b';

}  // namespace

WordWrap::WordWrap(std::size_t columns) noexcept
    : columns_(columns), usable_(columns >= columns_min ? columns - 1 : 0) {}

void WordWrap::take(std::string_view text, bool verbatim) {
    for (const char c : text) {
        partial_ += c;
        if (partial_.front() == escape_char) {
            if (c == 'm') style(std::exchange(partial_, {}));
        } else if (utf8_sequence_length(partial_) > 0 || partial_.size() == utf8_bytes_max) {
            character(std::exchange(partial_, {}), verbatim || usable_ == 0);
        }
    }
}

void WordWrap::style(std::string_view sequence) {
    if (width_ == 0) end_word();
    word_ += sequence;
    if (sequence == escape(Style::plain, true)) style_.clear();
    style_ += sequence;
}

void WordWrap::character(std::string_view bytes, bool verbatim) {
    if (bytes == "\n") {
        end_word();
        endless_ = false;
        return next_line();
    }
    const bool tab = bytes == "\t";
    const std::size_t width = tab ? tab_stop - (column_ + width_) % tab_stop : display_width(bytes);
    if (verbatim || tab || bytes == " ") {
        end_word();
        endless_ = false;
        if (!verbatim && column_ + width > usable_) return;  // The margin stands for the blank.
        out_ += bytes;
        return advance(width);
    }
    if (width > 1) end_word();
    if (width_ == 0 && word_.empty()) word_style_ = style_;
    if (!endless_ && column_ > 0 && column_ + width_ + width > usable_) {
        if (sent_width_ > 0) out_ += fmt::format("\x1b[{}D\x1b[K", sent_width_);
        if (sent_bytes_ > 0 && !word_style_.empty()) out_ += word_style_;
        next_line();
        sent_bytes_ = sent_width_ = 0;
    }
    word_ += bytes;
    width_ += width;
    if (width_ >= usable_) endless_ = true;
    if (width > 1 || endless_) end_word();
}

void WordWrap::advance(std::size_t width) noexcept {
    column_ += width;
    while (columns_ > 0 && column_ > columns_) {
        column_ -= columns_;
        ++rows_;
    }
}

void WordWrap::end_word() {
    out_ += std::string_view(word_).substr(sent_bytes_);
    advance(width_);
    word_.clear();
    width_ = sent_bytes_ = sent_width_ = 0;
}

void WordWrap::next_line() {
    out_ += '\n';
    column_ = 0;
    ++rows_;
}

std::string WordWrap::flush() {
    out_ += std::string_view(word_).substr(sent_bytes_);
    sent_bytes_ = word_.size();
    sent_width_ = width_;
    return std::exchange(out_, {});
}

std::string wrap_words(std::string_view text, std::size_t columns) {
    WordWrap wrap(columns);
    wrap.take(text);
    return wrap.flush();
}

}  // namespace evenkeel::terminal

#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace evenkeel::terminal {

/// Breaks a text that streams onto a terminal between its words. A word is shown as its letters come; when it turns out
/// to pass the margin, what stands of it is wiped away and begun anew on the next line. Wide characters (Chinese,
/// Japanese) may be broken anywhere; a word longer than a line is left to the terminal.
class WordWrap {
public:
    /// `columns` of the screen; below 20 nothing is ever broken. The cursor is in the first of them.
    explicit WordWrap(std::size_t columns) noexcept;
    /// `text` may hold escape sequences for styles, each of them whole. `verbatim`: code, which keeps its own lines.
    void take(std::string_view text, bool verbatim = false);
    /// What is to be written now.
    std::string flush();
    /// Rows that the text takes on the screen, at least 1.
    std::size_t rows() const noexcept { return rows_; }

private:
    void character(std::string_view bytes, bool verbatim);
    void style(std::string_view sequence);
    void advance(std::size_t width) noexcept;
    void end_word();
    void next_line();

    std::size_t columns_;
    std::size_t usable_;      ///< One less: a full last column leaves terminals in doubt where the cursor is.
    std::size_t column_ = 0;  ///< Where the present word began.
    std::size_t rows_ = 1;
    std::string out_;
    std::string partial_;  ///< The first bytes of a character or of an escape sequence.
    std::string word_;
    std::size_t width_ = 0;                        ///< Of the word.
    std::size_t sent_bytes_ = 0, sent_width_ = 0;  ///< What of the word stands on the screen.
    bool endless_ = false;                         ///< The word is longer than a line.
    std::string style_, word_style_;               ///< Sequences since the last "plain": now, and where the word began.
};

/// A whole text in lines of `columns` at most, as WordWrap breaks them.
std::string wrap_words(std::string_view text, std::size_t columns);

}  // namespace evenkeel::terminal

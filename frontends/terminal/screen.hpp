#pragma once
#include <string>
#include <string_view>

namespace evenkeel::terminal {

/// Where text for people goes: standard output or standard error, or a string in tests.
class Screen {
public:
    virtual ~Screen() = default;
    /// Shows it at once.
    virtual void write(std::string_view text) = 0;
    /// A person looks at it: it is a terminal, not a file or pipe.
    virtual bool interactive() const noexcept = 0;
    /// Colours are wanted: interactive, and neither NO_COLOR nor --no-color.
    virtual bool colours() const noexcept = 0;
    virtual int columns() const noexcept = 0;  ///< ≥ 20.
    virtual int rows() const noexcept = 0;     ///< ≥ 5.
};

/// Ways to set text off, by meaning.
enum class Style { plain, dim, bold, italic, code, heading, prompt, warning, error, struck };

/// The escape sequence that switches to `style` from plain; empty without colours.
std::string_view escape(Style style, bool colours) noexcept;
/// `text` in that style, and back to plain.
std::string styled(std::string_view text, Style style, bool colours);

/// How many columns `text` takes: code points, wide ones twice, escape sequences and combining marks not at all.
std::size_t display_width(std::string_view text) noexcept;
/// Rows that `text` takes on a screen of that width when it begins in the first column; at least 1.
std::size_t display_rows(std::string_view text, std::size_t columns) noexcept;

}  // namespace evenkeel::terminal

#pragma once
#include <optional>
#include <string>

#include "chat/desk.hpp"
#include "frontends/terminal/markdown.hpp"
#include "frontends/terminal/screen.hpp"
#include "frontends/terminal/word_wrap.hpp"

namespace evenkeel::terminal {

/// Shows one question's events on a screen a person looks at: progress that vanishes, tokens as they come, a broken
/// answer struck through and begun anew, the figures under the whole one.
class TurnView {
public:
    explicit TurnView(Screen& screen) : screen_(screen), markdown_(screen.colours()), wrap_(columns()) {}
    void show(const TurnEvent& event);
    /// The asker pressed Ctrl-C: what stands there stays, marked.
    void interrupted();
    /// Some of the answer stands on the screen.
    bool has_text() const noexcept { return !raw_.empty(); }

private:
    void progress(std::string_view line);
    void clear_progress();
    void delta(std::string_view text);
    void restart(std::string_view why);
    void close_text();
    void notice(std::string_view text, Style style);
    /// Of the screen a person looks at; 0: none does, and nothing is broken into lines.
    std::size_t columns() const noexcept {
        return screen_.interactive() ? static_cast<std::size_t>(screen_.columns()) : 0;
    }

    Screen& screen_;
    Markdown markdown_;
    WordWrap wrap_;  ///< How the answer stands on the screen.
    bool progress_shown_ = false;
    std::string raw_;  ///< The answer so far, as received.
};

/// "queued at place 3: nanogpt is overloaded …; about 2 min": what a person reads when nobody can answer now.
std::string queued_line(const TurnEvent& event);
/// The first group of an id, which is enough to name it on the command line.
std::string short_id(const Id& id);

}  // namespace evenkeel::terminal

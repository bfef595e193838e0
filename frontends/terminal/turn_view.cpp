#include "frontends/terminal/turn_view.hpp"

#include <fmt/format.h>

#include <utility>

#include "core/text.hpp"
#include "frontends/terminal/figures.hpp"

namespace evenkeel::terminal {

std::string short_id(const Id& id) {
    // UUIDv7: the first 12 digits are the time; those plus the counter tell messages of one second apart.
    return to_string(id).substr(0, 18);
}

std::string queued_line(const TurnEvent& event) {
    std::string line = "Queued as " + short_id(event.id);
    if (event.position > 1) line += fmt::format(", place {}", event.position);
    if (!event.text.empty()) line += ": " + event.text;
    if (event.eta.value_or(Millis{0}) > Millis{0}) line += "; next try in about " + spoken_duration(*event.eta);
    return line;
}

void TurnView::show(const TurnEvent& event) {
    using Kind = TurnEvent::Kind;
    switch (event.kind) {
        case Kind::accepted: return;
        case Kind::progress: return progress(event.text);
        case Kind::delta: return delta(event.text);
        case Kind::restarted: return restart(event.text);
        case Kind::queued: close_text(); return notice(queued_line(event), Style::warning);
        case Kind::answered:
            if (raw_.empty() && event.answer) delta(event.answer->text);
            close_text();
            if (event.answer) notice(figures_line(*event.answer, event.practice), Style::dim);
            return;
        case Kind::cancelled: close_text(); return notice(event.text.empty() ? "Cancelled." : event.text, Style::dim);
        case Kind::refused:
        case Kind::expired:
        case Kind::dead: close_text(); return notice(event.text, Style::error);
    }
}

void TurnView::interrupted() {
    close_text();
    notice("Cancelled.", Style::dim);
}

void TurnView::progress(std::string_view line) {
    if (!screen_.interactive() || has_text()) return;
    const std::string text = one_line(line, static_cast<std::size_t>(screen_.columns()) - 4);
    screen_.write("\r\x1b[K" + styled("… " + text, Style::dim, screen_.colours()));
    progress_shown_ = true;
}

void TurnView::clear_progress() {
    if (std::exchange(progress_shown_, false)) screen_.write("\r\x1b[K");
}

void TurnView::delta(std::string_view text) {
    clear_progress();
    raw_ += text;
    for (const char& letter : text) {
        const std::string visible = markdown_.feed({&letter, 1});
        wrap_.take(visible, markdown_.in_code_block());
    }
    screen_.write(wrap_.flush());
}

/// Strikes what stands there where it still fits on the screen; else says that the text above is void.
void TurnView::restart(std::string_view why) {
    clear_progress();
    if (has_text()) {
        wrap_.take(markdown_.finish());
        screen_.write(wrap_.flush());
        const std::size_t rows = wrap_.rows();
        if (screen_.interactive() && screen_.colours() && rows < static_cast<std::size_t>(screen_.rows())) {
            std::string again = rows > 1 ? fmt::format("\r\x1b[{}A\x1b[J", rows - 1) : "\r\x1b[J";
            screen_.write(again + styled(readable(raw_, false, columns()), Style::struck, true));
        }
        screen_.write("\n");
    }
    notice("The answer above broke off (" + std::string(why) + "). It begins anew:", Style::warning);
    raw_.clear();
    wrap_ = WordWrap(columns());
    markdown_ = Markdown(screen_.colours());
}

void TurnView::close_text() {
    clear_progress();
    if (raw_.empty()) return;
    wrap_.take(markdown_.finish());
    screen_.write(wrap_.flush());
    if (!raw_.ends_with('\n')) screen_.write("\n");
    raw_.clear();
    wrap_ = WordWrap(columns());
}

void TurnView::notice(std::string_view text, Style style) {
    screen_.write(styled(wrap_words(text, columns()), style, screen_.colours()) + "\n");
}

}  // namespace evenkeel::terminal

#include <sys/stat.h>

#include <clocale>
#include <cstdio>
#include <cstdlib>

#include <editline/readline.h>

#include "core/text.hpp"
#include "frontends/terminal/line_source.hpp"
#include "os/terminal.hpp"

namespace evenkeel::terminal {
namespace {

constexpr int history_lines_max = 1'000;
constexpr std::size_t utf8_bytes_max = 4;

/// libedit takes characters apart by the process's locale, and crashes on a prompt that it cannot take apart.
/// Everything here is UTF-8, so a locale that is not becomes one that every Debian has.
void use_utf8_characters() {
    // Only how characters are told apart is set, which no other thread of ours asks.
    std::setlocale(LC_CTYPE, "");                                          // NOLINT(concurrency-mt-unsafe)
    if (MB_CUR_MAX < utf8_bytes_max) std::setlocale(LC_CTYPE, "C.UTF-8");  // NOLINT(concurrency-mt-unsafe)
}

/// libedit keeps its state in globals and calls back without a context, so there is one editor and this points at it.
class Editor;
Editor* the_editor = nullptr;

class Editor final : public LineSource {
public:
    Editor(InputReady ready, std::string history_file)
        : ready_(std::move(ready)), history_file_(std::move(history_file)) {
        the_editor = this;
        use_utf8_characters();
        rl_readline_name = "evenkeel";
        rl_catch_signals = 0;  // Signals arrive through the loop.
        using_history();
        stifle_history(history_lines_max);
        if (!history_file_.empty()) read_history(history_file_.c_str());
    }
    ~Editor() override { the_editor = nullptr; }

    Task<Result<std::optional<std::string>>> read(std::string prompt) override {
        const Installed installed(prompt);
        line_.reset();
        while (!line_) {
            Result<void> ready = co_await ready_();
            if (!ready) co_return fail(ready.error());
            // Of a terminal that has closed libedit reads nothing, and would for ever be ready to.
            if (!os::is_terminal(os::standard_input)) co_return std::nullopt;
            rl_callback_read_char();
        }
        std::optional<std::string> line = std::move(*line_);
        if (line && !trimmed(*line).empty()) keep(*line);
        co_return line;
    }

    void interject(std::string_view text) override {
        std::fputs("\r\x1b[K", stdout);
        std::fwrite(text.data(), 1, text.size(), stdout);
        std::fflush(stdout);
        if (reading_) rl_forced_update_display();
    }

private:
    /// The terminal is in line-editing mode exactly while somebody reads.
    struct Installed {
        explicit Installed(const std::string& prompt) {
            rl_callback_handler_install(prompt.c_str(), &Editor::line_done);
            the_editor->reading_ = true;
        }
        ~Installed() {
            if (the_editor == nullptr) return;
            the_editor->reading_ = false;
            rl_callback_handler_remove();
        }
        Installed(const Installed&) = delete;
        Installed& operator=(const Installed&) = delete;
    };

    static void line_done(char* line) {
        the_editor->line_.emplace();
        if (line == nullptr) return;
        the_editor->line_->emplace(line);
        std::free(line);  // libedit's malloc.
    }

    void keep(const std::string& line) {
        add_history(line.c_str());
        if (history_file_.empty()) return;
        const mode_t before = umask(077);
        write_history(history_file_.c_str());
        umask(before);
    }

    InputReady ready_;
    std::string history_file_;
    bool reading_ = false;
    std::optional<std::optional<std::string>> line_;  ///< Set once a line is complete; its inside is empty at the end.
};

}  // namespace

std::unique_ptr<LineSource> make_line_editor(InputReady ready, std::string history_file) {
    return std::make_unique<Editor>(std::move(ready), std::move(history_file));
}

}  // namespace evenkeel::terminal

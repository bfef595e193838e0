#include "daemon/log_notes.hpp"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace evenkeel {
namespace {

constexpr const char* line_pattern = "%Y-%m-%d %H:%M:%S.%e %^%l%$ %v";

spdlog::level::level_enum level_of(Severity severity) noexcept {
    switch (severity) {
        case Severity::debug: return spdlog::level::debug;
        case Severity::info: return spdlog::level::info;
        case Severity::warning: return spdlog::level::warn;
        case Severity::alarm: return spdlog::level::err;
    }
    return spdlog::level::info;
}

spdlog::level::level_enum level_named(const std::string& name) noexcept {
    if (name == "alarm") return spdlog::level::err;
    const auto level = spdlog::level::from_str(name);
    return level == spdlog::level::off && name != "off" ? spdlog::level::info : level;
}

/// Null where the file cannot be opened.
std::shared_ptr<spdlog::sinks::sink> file_sink(const std::string& file) {
    try {
        return std::make_shared<spdlog::sinks::basic_file_sink_st>(file);
    } catch (const spdlog::spdlog_ex&) {
        return nullptr;
    }
}

/// A log that cannot be opened must not keep the bot from starting: it is told on standard error instead.
std::shared_ptr<spdlog::sinks::sink> make_sink(const LogOptions& options) {
    if (!options.file.empty())
        if (auto sink = file_sink(options.file)) return sink;
    const auto mode = options.colours ? spdlog::color_mode::always : spdlog::color_mode::never;
    return std::make_shared<spdlog::sinks::stderr_color_sink_st>(mode);
}

class LogNotes final : public Notes {
public:
    explicit LogNotes(const LogOptions& options) : logger_("evenkeel", make_sink(options)) {
        logger_.set_pattern(line_pattern);
        logger_.set_level(level_named(options.level));
        logger_.flush_on(spdlog::level::info);
        logger_.set_error_handler([](const std::string&) {});
    }
    void note(const Note& note) noexcept override {
        logger_.log(level_of(note.severity), "{}{}{}{}{}{}", note.name, note.subject.empty() ? "" : " ", note.subject,
                    note.detail.empty() ? "" : ": ", note.detail,
                    note.value == 0 ? std::string() : fmt::format(" ({})", note.value));
    }

private:
    spdlog::logger logger_;
};

}  // namespace

std::unique_ptr<Notes> make_log_notes(const LogOptions& options) { return std::make_unique<LogNotes>(options); }

}  // namespace evenkeel

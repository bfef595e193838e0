#include "telemetry/access_log.hpp"

#include <utility>

namespace evenkeel {

AccessLog::AccessLog(Env env, Append append)
    : env_(env), append_(std::move(append)), written_(env.scheduler), tasks_(env.scheduler) {
    tasks_.spawn(keep_flushing(*this));
}

AccessLog::~AccessLog() { flush(); }

void AccessLog::write(std::string_view line) {
    held_ += line;
    held_ += '\n';
    ++lines_;
    if (held_.size() >= held_bytes_max)
        flush();
    else
        written_.set();
}

void AccessLog::flush() {
    if (held_.empty()) return;
    const Result<void> appended = append_(held_);
    const std::uint64_t lines = std::exchange(lines_, 0);
    held_.clear();
    if (appended) {
        if (const std::uint64_t lost = std::exchange(lost_, 0); lost != 0)
            env_.notes.note({.name = "access_log.written_again",
                             .detail = "lines that are missing in between",
                             .value = static_cast<std::int64_t>(lost)});
        return;
    }
    if (lost_ == 0)
        env_.notes.note(
            {.severity = Severity::alarm, .name = "access_log.not_written", .detail = appended.error().detail});
    lost_ += lines;
}

Task<void> AccessLog::keep_flushing(AccessLog& self) {
    while (true) {
        co_await self.written_.wait();
        co_await sleep_for(self.env_.scheduler, held_for);
        self.written_.clear();
        self.flush();
    }
}

}  // namespace evenkeel

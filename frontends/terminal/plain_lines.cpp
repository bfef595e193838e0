#include "frontends/terminal/line_source.hpp"

namespace evenkeel::terminal {
namespace {

class PlainLines final : public LineSource {
public:
    PlainLines(InputBytes bytes, std::function<void(std::string_view)> out)
        : bytes_(std::move(bytes)), out_(std::move(out)) {}

    Task<Result<std::optional<std::string>>> read(std::string) override {
        while (true) {
            if (const std::size_t end = buffer_.find('\n', searched_); end != std::string::npos) {
                co_return take_line(end, end + 1);
            }
            searched_ = buffer_.size();
            if (ended_) {
                if (buffer_.empty()) co_return std::optional<std::string>();
                co_return take_line(buffer_.size(), buffer_.size());
            }
            if (buffer_.size() > line_bytes_max)
                co_return caller_fault("a line of standard input is longer than 256 KiB; split it", "line_too_long");
            Result<std::string> more = co_await bytes_();
            if (!more) co_return fail(more.error());
            ended_ = more->empty();
            buffer_ += *more;
        }
    }
    void interject(std::string_view text) override { out_(text); }

private:
    std::optional<std::string> take_line(std::size_t end, std::size_t next) {
        std::string line = buffer_.substr(0, end);
        if (line.ends_with('\r')) line.pop_back();
        buffer_.erase(0, next);
        searched_ = 0;
        return line;
    }

    InputBytes bytes_;
    std::function<void(std::string_view)> out_;
    std::string buffer_;
    std::size_t searched_ = 0;  ///< No line end lies before it.
    bool ended_ = false;
};

}  // namespace

std::unique_ptr<LineSource> make_plain_lines(InputBytes bytes, std::function<void(std::string_view)> out) {
    return std::make_unique<PlainLines>(std::move(bytes), std::move(out));
}

}  // namespace evenkeel::terminal

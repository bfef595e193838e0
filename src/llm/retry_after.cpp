#include "llm/retry_after.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "core/text.hpp"

namespace evenkeel {
namespace {

using namespace std::chrono;

Millis bounded(double millis) noexcept {
    return Millis{static_cast<Millis::rep>(std::ceil(std::min(millis, static_cast<double>(retry_after_max.count()))))};
}

/// A decimal number ≥ 0 and nothing else.
std::optional<double> plain_number(std::string_view text) noexcept {
    text = trimmed(text);
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(number) || std::signbit(number))
        return std::nullopt;
    return number;
}

/// Takes a date apart from the front; any failure sticks.
class DateText {
public:
    explicit DateText(std::string_view text) noexcept : text_(text) {}
    bool ok() const noexcept { return ok_; }
    bool at_end() const noexcept { return text_.empty(); }
    void expect(std::string_view word) noexcept {
        if (text_.starts_with(word))
            text_.remove_prefix(word.size());
        else
            ok_ = false;
    }
    void skip_past(char mark) noexcept {
        const std::size_t at = text_.find(mark);
        ok_ = ok_ && at != std::string_view::npos;
        if (ok_) text_.remove_prefix(at + 1);
    }
    int number(std::size_t digits) noexcept {
        int value = 0;
        for (std::size_t i = 0; i < digits; ++i, text_.remove_prefix(1)) {
            if (text_.empty() || text_.front() < '0' || text_.front() > '9') return fail();
            value = value * 10 + (text_.front() - '0');
        }
        return value;
    }
    int month() noexcept {
        constexpr std::string_view names = "JanFebMarAprMayJunJulAugSepOctNovDec";
        const std::size_t at = text_.size() < 3 ? std::string_view::npos : names.find(text_.substr(0, 3));
        if (at == std::string_view::npos || at % 3 != 0) return fail();
        text_.remove_prefix(3);
        return static_cast<int>(at / 3) + 1;
    }
    seconds clock() noexcept {
        const int h = number(2);
        expect(":");
        const int m = number(2);
        expect(":");
        const int s = number(2);
        if (h > 23 || m > 59 || s > 60) ok_ = false;
        return hours{h} + minutes{m} + seconds{s};
    }
    char peek() const noexcept { return text_.empty() ? '\0' : text_.front(); }

private:
    int fail() noexcept {
        ok_ = false;
        return 0;
    }
    std::string_view text_;
    bool ok_ = true;
};

std::optional<WallTime> date_of(const DateText& text, int y, int m, int d, seconds clock) noexcept {
    const year_month_day date{year{y}, month{static_cast<unsigned>(m)}, day{static_cast<unsigned>(d)}};
    if (!text.ok() || !text.at_end() || !date.ok()) return std::nullopt;
    return sys_days{date} + clock;
}

/// "Sun, 06 Nov 1994 08:49:37 GMT", and "Sunday, 06-Nov-94 08:49:37 GMT" of RFC 850.
std::optional<WallTime> with_comma(DateText text) noexcept {
    text.skip_past(',');
    text.expect(" ");
    const int d = text.number(2);
    const bool old = text.peek() == '-';
    const std::string_view mark = old ? "-" : " ";
    text.expect(mark);
    const int m = text.month();
    text.expect(mark);
    const int y = old ? 2000 + text.number(2) : text.number(4);
    text.expect(" ");
    const seconds clock = text.clock();
    text.expect(" GMT");
    return date_of(text, y, m, d, clock);
}

/// "Sun Nov  6 08:49:37 1994" of asctime.
std::optional<WallTime> of_asctime(DateText text) noexcept {
    text.skip_past(' ');
    const int m = text.month();
    text.expect(" ");
    const bool one_digit = text.peek() == ' ';
    if (one_digit) text.expect(" ");
    const int d = text.number(one_digit ? 1 : 2);
    text.expect(" ");
    const seconds clock = text.clock();
    text.expect(" ");
    const int y = text.number(4);
    return date_of(text, y, m, d, clock);
}

}  // namespace

std::optional<Millis> parse_retry_after(std::string_view value, WallTime now) noexcept {
    value = trimmed(value);
    if (const auto seconds = plain_number(value)) return bounded(*seconds * 1000);
    const DateText text(value);
    const auto date = value.contains(',') ? with_comma(text) : of_asctime(text);
    if (!date) return std::nullopt;
    return std::clamp(*date - now, Millis{0}, retry_after_max);
}

std::optional<Millis> parse_retry_after_ms(std::string_view value) noexcept {
    const auto millis = plain_number(value);
    return millis ? std::optional(bounded(*millis)) : std::nullopt;
}

}  // namespace evenkeel

#include "config/value.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "config/problem.hpp"
#include "core/json_writer.hpp"
#include "core/text.hpp"

namespace evenkeel {
namespace {

using As = Written::As;

constexpr std::string_view duration_remedy =
    "Write a number and a unit in quotes: \"250ms\", \"10s\", \"5m\", \"24h\", \"90d\".";
constexpr std::string_view size_remedy = "Write a number and a unit in quotes: \"64KiB\", \"16MiB\", \"2GiB\".";
constexpr std::string_view rate_remedy =
    "Write a number per second, minute or hour in quotes: \"25/s\", \"600/m\"; \"0/s\" is no limit.";

template <class T>
std::optional<T> parse_number(std::string_view text) noexcept {
    text = trimmed(text);
    T number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    if constexpr (std::is_floating_point_v<T>)
        if (!std::isfinite(number)) return std::nullopt;
    return number;
}

std::optional<double> parse_rate(std::string_view text) noexcept {
    text = trimmed(text);
    if (text.size() < 3 || text[text.size() - 2] != '/') return std::nullopt;
    const auto number = parse_number<double>(text.substr(0, text.size() - 2));
    if (!number || *number < 0) return std::nullopt;
    switch (text.back()) {
        case 's': return number;
        case 'm': return *number / 60;
        case 'h': return *number / 3600;
        default: return std::nullopt;
    }
}

std::string rate_text(double per_second) {
    if (per_second >= 1 || per_second == 0) return fmt::format("{}/s", per_second);
    const double per_minute = per_second * 60;
    return per_minute >= 1 ? fmt::format("{:.6g}/m", per_minute) : fmt::format("{:.6g}/h", per_minute * 60);
}

std::vector<std::string_view> split(std::string_view words, char separator) {
    std::vector<std::string_view> parts;
    while (!words.empty()) {
        const std::size_t end = words.find(separator);
        parts.push_back(words.substr(0, end));
        words.remove_prefix(end == std::string_view::npos ? words.size() : end + 1);
    }
    return parts;
}

std::vector<std::string_view> split_words(std::string_view words) { return split(words, '|'); }

/// As a list stands in a TOML file.
template <class Texts>
std::string bracketed(const Texts& texts) {
    std::string list;
    for (const auto& text : texts) {
        list += list.empty() ? "" : ", ";
        append_json_string(list, text);
    }
    return "[" + list + "]";
}

std::string joined(const std::vector<std::string_view>& parts) {
    std::string text;
    for (const std::string_view part : parts) text += (text.empty() ? "" : ", ") + std::string(part);
    return text;
}

bool fits(As as, std::initializer_list<As> accepted) noexcept {
    for (const As each : accepted)
        if (as == each) return true;
    return as == As::plain;
}

/// The base-unit number of a value as text, for ranges.
std::string number_text(Slot slot, double number) {
    if (std::holds_alternative<Millis*>(slot)) return format_duration(Millis{static_cast<Millis::rep>(number)});
    if (std::holds_alternative<ByteSize*>(slot)) return format_size(static_cast<std::size_t>(number));
    if (std::holds_alternative<Rate*>(slot)) return rate_text(number);
    return fmt::format("{}", number);
}

std::unexpected<Error> refuse(std::string what, std::string_view remedy) {
    return caller_fault(std::move(what), std::string(remedy));
}

/// `number` if it lies in the range.
template <class T>
Result<T> in_range(Slot slot, T value, double number, const Limits& limits) {
    if (limits.low > limits.high || (number >= limits.low && number <= limits.high)) return value;
    return refuse("This is out of range.", fmt::format("Use {}.", limits_text(slot, limits)));
}

class Assigner {
public:
    Assigner(Slot slot, const Written& written, const Limits& limits)
        : slot_(slot), written_(written), limits_(limits) {}

    Result<void> operator()(std::string* into) const {
        if (!fits(written_.as, {As::string})) return refuse("This is not text.", "Put it in quotes.");
        const auto words = split_words(limits_.words);
        bool known = words.empty();
        for (const std::string_view word : words) known = known || word == written_.text;
        if (!known)
            return refuse("There is no such choice.",
                          did_you_mean(written_.text, words, fmt::format("Use one of: {}.", joined(words))));
        *into = written_.text;
        return {};
    }
    /// In the environment, where there are no lists, commas separate; no entry holds one.
    Result<void> operator()(std::vector<std::string>* into) const {
        if (!fits(written_.as, {As::string, As::list}))
            return refuse("This is not a list.", "Write [\"one\", \"two\"].");
        into->clear();
        for (const std::string_view entry : split(written_.text, ','))
            if (!trimmed(entry).empty()) into->emplace_back(trimmed(entry));
        return {};
    }
    Result<void> operator()(bool* into) const {
        const std::string word = to_lower(written_.text);
        const bool yes = word == "true" || word == "yes" || word == "on" || word == "1";
        const bool no = word == "false" || word == "no" || word == "off" || word == "0";
        if (!fits(written_.as, {As::boolean}) || (!yes && !no))
            return refuse("This is neither true nor false.", "Write true or false, without quotes.");
        *into = yes;
        return {};
    }
    Result<void> operator()(std::int64_t* into) const {
        const auto number = parse_number<std::int64_t>(written_.text);
        if (!fits(written_.as, {As::integer}) || !number)
            return refuse("This is not a whole number.", "Write digits only, without quotes.");
        return keep(into, *number, static_cast<double>(*number));
    }
    Result<void> operator()(double* into) const { return real(into); }
    Result<void> operator()(std::optional<double>* into) const { return real(into); }
    Result<void> operator()(Millis* into) const {
        const auto duration = parse_duration(written_.text);
        if (!fits(written_.as, {As::string}) || !duration) return refuse("This is not a duration.", duration_remedy);
        return keep(into, *duration, static_cast<double>(duration->count()));
    }
    Result<void> operator()(ByteSize* into) const {
        const auto size = parse_size(written_.text);
        if (!fits(written_.as, {As::string, As::integer}) || !size) return refuse("This is not a size.", size_remedy);
        return keep(into, ByteSize{*size}, static_cast<double>(*size));
    }
    Result<void> operator()(Rate* into) const {
        const auto rate = parse_rate(written_.text);
        if (!fits(written_.as, {As::string}) || !rate) return refuse("This is not a rate.", rate_remedy);
        return keep(into, Rate{*rate}, *rate);
    }

private:
    template <class Into>
    Result<void> real(Into* into) const {
        const auto number = parse_number<double>(written_.text);
        if (!fits(written_.as, {As::integer, As::real}) || !number)
            return refuse("This is not a number.", "Write for example 0.15, without quotes.");
        return keep(into, *number, *number);
    }
    template <class Into, class T>
    Result<void> keep(Into* into, T value, double number) const {
        auto checked = in_range(slot_, value, number, limits_);
        if (!checked) return fail(checked.error());
        *into = *checked;
        return {};
    }
    Slot slot_;
    const Written& written_;
    const Limits& limits_;
};

struct Shower {
    std::string operator()(const std::string* text) const {
        std::string quoted;
        append_json_string(quoted, *text);
        return quoted;
    }
    std::string operator()(const std::vector<std::string>* texts) const { return bracketed(*texts); }
    std::string operator()(const bool* truth) const { return *truth ? "true" : "false"; }
    std::string operator()(const std::int64_t* number) const { return fmt::format("{}", *number); }
    std::string operator()(const double* number) const { return fmt::format("{}", *number); }
    std::string operator()(const std::optional<double>* number) const {
        return *number ? fmt::format("{}", **number) : std::string("unset");
    }
    std::string operator()(const Millis* duration) const { return '"' + format_duration(*duration) + '"'; }
    std::string operator()(const ByteSize* size) const { return '"' + format_size(size->bytes) + '"'; }
    std::string operator()(const Rate* rate) const { return '"' + rate_text(rate->per_second) + '"'; }
};

}  // namespace

std::string Written::shown() const {
    if (as == As::list) return bracketed(split(text, ','));
    if (as != As::string) return text;
    std::string quoted;
    append_json_string(quoted, text);
    return quoted;
}

Result<void> assign(Slot slot, const Written& written, const Limits& limits) {
    return std::visit(Assigner(slot, written, limits), slot);
}

std::string written_value(Slot slot) { return std::visit(Shower{}, slot); }

std::string_view type_name(Slot slot) noexcept {
    constexpr std::array<std::string_view, std::variant_size_v<Slot>> names{
        "text", "true or false", "whole number", "number", "number", "duration", "size", "rate", "list of texts"};
    return names[slot.index()];
}

std::string limits_text(Slot slot, const Limits& limits) {
    if (!limits.words.empty()) return joined(split_words(limits.words));
    if (limits.low > limits.high || std::holds_alternative<std::string*>(slot) ||
        std::holds_alternative<std::vector<std::string>*>(slot))
        return {};
    return number_text(slot, limits.low) + " to " + number_text(slot, limits.high);
}

}  // namespace evenkeel

#include "config/problem.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/text.hpp"

namespace evenkeel {
namespace {

constexpr std::size_t value_columns_max = 60;

std::string where(const Problem& problem) {
    std::string text = problem.file;
    if (problem.line > 0) text += fmt::format(", line {}", problem.line);
    return text;
}

}  // namespace

std::string to_text(const Problem& problem, std::string_view severity) {
    std::string subject = problem.field;
    if (!problem.value.empty()) subject += (subject.empty() ? "" : " = ") + one_line(problem.value, value_columns_max);
    const std::string place = where(problem);
    std::string first = place;
    if (!subject.empty()) first += (place.empty() ? "" : ": ") + subject;
    const std::string indent(severity.size() + 2, ' ');
    std::string text = fmt::format("{}: ", severity);
    bool is_first = true;
    for (const std::string& line : {first, problem.what, problem.remedy}) {
        if (line.empty()) continue;
        text += (is_first ? "" : indent) + line + "\n";
        is_first = false;
    }
    return text;
}

std::string to_text(std::span<const Problem> problems, std::string_view severity) {
    std::string text;
    for (const Problem& problem : problems) text += to_text(problem, severity);
    return text;
}

std::string_view nearest(std::string_view word, std::span<const std::string_view> known) {
    std::string_view best;
    std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
    const std::string lower = to_lower(word);
    for (const std::string_view candidate : known) {
        const std::size_t distance = edit_distance(lower, to_lower(candidate));
        if (distance < best_distance) {
            best = candidate;
            best_distance = distance;
        }
    }
    return best;
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> known, std::string_view otherwise) {
    const std::string_view meant = nearest(word, known);
    return meant.empty() ? std::string(otherwise) : fmt::format("Did you mean \"{}\"?", meant);
}

}  // namespace evenkeel

#include "practice/behaviour.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/text.hpp"

namespace evenkeel::practice {
namespace {

struct Shape {
    std::string_view word;
    Fault fault;
    std::optional<std::uint32_t> number;  ///< Empty: it takes none.
    std::optional<Millis> time;           ///< Its default; a zero means "none unless given".
};

constexpr std::array shapes{
    Shape{"healthy", Fault::healthy, {}, {}},
    Shape{"status", Fault::status, 503, Millis{0}},
    Shape{"refuse", Fault::refuse, {}, {}},
    Shape{"reset", Fault::reset, {}, {}},
    Shape{"silence", Fault::silence, {}, {}},
    Shape{"headers", Fault::headers, {}, {}},
    Shape{"reasoning", Fault::reasoning, {}, Millis{3'000}},
    Shape{"cut", Fault::cut, 40, {}},
    Shape{"stall", Fault::stall, 5, {}},
    Shape{"error", Fault::error, 5, {}},
    Shape{"no_finish", Fault::no_finish, {}, {}},
    Shape{"done_only", Fault::done_only, {}, {}},
    Shape{"empty", Fault::empty, {}, {}},
    Shape{"whitespace", Fault::whitespace, {}, {}},
    Shape{"html", Fault::html, {}, {}},
    Shape{"error_200", Fault::error_200, {}, {}},
    Shape{"no_content", Fault::no_content, {}, {}},
    Shape{"truncated", Fault::truncated, {}, {}},
    Shape{"model_missing", Fault::model_missing, {}, {}},
    Shape{"busy", Fault::busy, {}, {}},
    Shape{"slow", Fault::slow, {}, Millis{200}},
    Shape{"cold", Fault::cold, {}, Millis{5'000}},
    Shape{"garbage", Fault::garbage, {}, {}},
};

const Shape& shape_of(Fault fault) { return *std::ranges::find(shapes, fault, &Shape::fault); }

/// Up to the next dash; takes it from `text`.
std::string_view next_word(std::string_view& text) {
    const auto dash = text.find('-');
    const auto word = text.substr(0, dash);
    text.remove_prefix(dash == text.npos ? text.size() : dash + 1);
    return word;
}

std::optional<std::uint32_t> whole_number(std::string_view word) {
    std::uint32_t number = 0;
    const auto [end, failed] = std::from_chars(word.data(), word.data() + word.size(), number);
    if (failed != std::errc{} || end != word.data() + word.size()) return std::nullopt;
    return number;
}

bool apply_argument(const Shape& shape, std::string_view word, Behaviour& behaviour) {
    if (shape.fault == Fault::status && word == "html") return behaviour.html = true;
    if (const auto number = whole_number(word); number && shape.number) {
        behaviour.number = *number;
        return shape.fault != Fault::status || (*number >= 200 && *number <= 599);
    }
    const auto time = parse_duration(word);
    if (!time || !shape.time) return false;
    behaviour.time = time;
    return true;
}

}  // namespace

std::optional<Behaviour> parse_behaviour(std::string_view text) {
    const auto word = next_word(text);
    const auto* shape = std::ranges::find(shapes, word, &Shape::word);
    if (shape == shapes.end()) return std::nullopt;
    Behaviour behaviour{.fault = shape->fault, .number = shape->number.value_or(0)};
    if (shape->time.value_or(Millis{0}) > Millis{0}) behaviour.time = shape->time;
    while (!text.empty())
        if (!apply_argument(*shape, next_word(text), behaviour)) return std::nullopt;
    return behaviour;
}

std::string to_string(const Behaviour& behaviour) {
    const Shape& shape = shape_of(behaviour.fault);
    std::string text(shape.word);
    if (shape.number) text += "-" + std::to_string(behaviour.number);
    if (behaviour.time) text += "-" + format_duration(*behaviour.time);
    if (behaviour.html) text += "-html";
    return text;
}

std::optional<Behaviour> behaviour_of_model(std::string_view model) {
    if (!model.starts_with(fault_model_prefix)) return std::nullopt;
    return parse_behaviour(model.substr(fault_model_prefix.size()));
}

void FaultScript::always(Behaviour behaviour, std::string_view model) {
    if (tracks_.size() >= steps_max && !tracks_.contains(model)) return;
    tracks_[std::string(model)] = Track{.steps = {}, .standing = behaviour};
}

void FaultScript::next(std::uint32_t requests, Behaviour behaviour, std::string_view model) {
    if (requests == 0 || (tracks_.size() >= steps_max && !tracks_.contains(model))) return;
    auto& steps = tracks_[std::string(model)].steps;
    if (steps.size() < steps_max) steps.push_back({requests, behaviour});
}

std::optional<Behaviour> FaultScript::Track::take() {
    if (steps.empty()) return standing;
    const Behaviour behaviour = steps.front().behaviour;
    if (--steps.front().left == 0) steps.pop_front();
    return behaviour;
}

Behaviour FaultScript::take(std::string_view model) {
    if (const auto own = behaviour_of_model(model)) return *own;
    for (const std::string_view name : {model, std::string_view{}}) {
        const auto track = tracks_.find(name);
        if (track == tracks_.end()) continue;
        if (const auto behaviour = track->second.take()) return *behaviour;
    }
    return {};
}

Behaviour FaultScript::present() const {
    const auto track = tracks_.find("");
    if (track == tracks_.end()) return {};
    const auto& [steps, standing] = track->second;
    return !steps.empty() ? steps.front().behaviour : standing.value_or(Behaviour{});
}

bool FaultScript::taken_down() const {
    const auto track = tracks_.find("");
    return track != tracks_.end() && track->second.standing.value_or(Behaviour{}).fault == Fault::refuse;
}

}  // namespace evenkeel::practice

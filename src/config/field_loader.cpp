#include "config/field_loader.hpp"

#include <fmt/format.h>

namespace evenkeel {

std::string Given::source() const {
    if (file.empty()) return "default";
    if (file == "command line") return name;
    std::string text = line > 0 ? fmt::format("{}, line {}", file, line) : file;
    if (!name.empty()) text += ": " + name;
    return text;
}

Given given_by(const NamedValue& value) {
    return {{Written::As::plain, value.value}, value.file, value.line, value.name};
}

Problem problem_of(const Given& given, std::string_view field, std::string what, std::string remedy) {
    return {
        given.file,      given.line,       given.name.empty() ? std::string(field) : given.name, given.written.shown(),
        std::move(what), std::move(remedy)};
}

Given assign_given(const Field& field, Slot slot, std::string_view called, const std::vector<Given>& weakest_first,
                   std::vector<Problem>& errors) {
    Given standing;
    for (const Given& given : weakest_first) {
        if (auto done = assign(slot, given.written, field.limits))
            standing = given;
        else
            errors.push_back(problem_of(given, called, done.error().detail, done.error().code));
    }
    return standing;
}

}  // namespace evenkeel

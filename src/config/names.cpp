#include "config/names.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "core/text.hpp"

namespace evenkeel {
namespace {

struct Slip {
    std::string_view written, meant;
};
// What tutorials and other programs call the same things.
constexpr std::array<Slip, 9> slips{{{"NANOGPT_KEY", "NANOGPT_API_KEY"},
                                     {"NANO_GPT_API_KEY", "NANOGPT_API_KEY"},
                                     {"NANOGPT_TOKEN", "NANOGPT_API_KEY"},
                                     {"NANOGPT_URL", "NANOGPT_API_URL"},
                                     {"NANOGPT_BASE_URL", "NANOGPT_API_URL"},
                                     {"OLLAMA_URL", "OLLAMA_HOST"},
                                     {"OLLAMA_BASE_URL", "OLLAMA_HOST"},
                                     {"OLLAMA_API_URL", "OLLAMA_HOST"},
                                     {"OLLAMA_API_BASE", "OLLAMA_HOST"}}};

std::string_view meant_by(std::string_view name, const std::vector<std::string>& known) {
    for (const Slip& slip : slips)
        if (name == slip.written) return slip.meant;
    if (!name.starts_with("EVENKEEL_") && !name.starts_with("NANOGPT_")) return {};
    const std::vector<std::string_view> views(known.begin(), known.end());
    if (std::ranges::find(views, name) != views.end()) return {};
    return nearest(name, views);
}

}  // namespace

Names::Names(const Variables& environment, std::vector<DotenvEntry> dotenv, const std::string& dotenv_file) {
    for (DotenvEntry& entry : dotenv)
        values_.insert_or_assign(entry.name, NamedValue{entry.name, std::move(entry.value), dotenv_file, entry.line});
    for (const auto& [name, value] : environment)
        if (!trimmed(value).empty()) values_.insert_or_assign(name, NamedValue{name, value, "environment", 0});
    std::erase_if(values_, [](const auto& each) { return trimmed(each.second.value).empty(); });
}

std::optional<NamedValue> Names::find(std::string_view name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? std::nullopt : std::optional(found->second);
}

bool Names::any_with_prefix(std::string_view prefix) const {
    const auto next = values_.lower_bound(prefix);
    return next != values_.end() && next->first.starts_with(prefix);
}

std::vector<Problem> Names::likely_slips(const std::vector<std::string>& known) const {
    std::vector<Problem> found;
    for (const auto& [name, given] : values_) {
        const std::string_view meant = meant_by(name, known);
        if (meant.empty()) continue;
        found.push_back(
            {given.file, given.line, name, "", "Nothing reads this name.", fmt::format("Did you mean {}?", meant)});
    }
    return found;
}

}  // namespace evenkeel

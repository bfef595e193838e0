#include "config/api_key.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "core/text.hpp"

namespace evenkeel {

bool is_placeholder_key(std::string_view key) {
    std::string plain;
    for (const char c : to_lower(trimmed(key)))
        if (c != '<' && c != '>' && c != '[' && c != ']' && c != '{' && c != '}' && c != '$')
            plain += c == '-' || c == ' ' ? '_' : c;
    constexpr std::array<std::string_view, 12> whole{"changeme", "change_me", "placeholder", "api_key",
                                                     "apikey",   "key",       "none",        "null",
                                                     "todo",     "secret",    "replaceme",   "nanogpt_api_key"};
    if (std::ranges::find(whole, plain) != whole.end()) return true;
    for (const std::string_view begin : {"your_", "my_api_key", "insert_", "replace_", "enter_", "put_your", "paste_"})
        if (plain.starts_with(begin)) return true;
    for (const std::string_view part : {"your_key", "your_api", "key_here", "_here", "..."})
        if (plain.ends_with(part) || plain.find(std::string(part) + "_") != std::string::npos) return true;
    // "sk-xxxxxxxx", "****": nothing but filling behind the last sign.
    const std::string_view tail = std::string_view(plain).substr(plain.find_last_of('_') + 1);
    return tail.size() >= 3 && tail.find_first_not_of(tail.front()) == std::string_view::npos &&
           (tail.front() == 'x' || tail.front() == '*' || tail.front() == '.');
}

bool is_usable_key(std::string_view key) noexcept {
    return !key.empty() &&
           std::ranges::all_of(key, [](char c) { return c > ' ' && c < 0x7f && c != '"' && c != '\''; });
}

}  // namespace evenkeel

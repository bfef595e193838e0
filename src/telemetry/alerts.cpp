#include "telemetry/alerts.hpp"

#include <algorithm>

namespace evenkeel {

std::vector<AlertNews> AlertBook::look(const std::vector<Condition>& conditions, Instant now) {
    std::vector<AlertNews> news;
    for (const Condition& condition : conditions) {
        Entry& entry = entries_.try_emplace(condition.name, Entry{.first_seen = now}).first->second;
        entry.text = condition.text;
        entry.last_seen = now;
        if (entry.told || (!condition.at_once && now - entry.first_seen < tell_after)) continue;
        entry.told = true;
        news.push_back({.name = condition.name, .text = condition.text});
    }
    for (auto each = entries_.begin(); each != entries_.end();) {
        const Entry& entry = each->second;
        // One that was never told begins anew at its next sight.
        const bool gone = entry.last_seen != now && (!entry.told || now - entry.last_seen >= quiet_after);
        if (gone && entry.told)
            news.push_back({.over = true,
                            .name = each->first,
                            .text = entry.text,
                            .lasted = elapsed(entry.first_seen, entry.last_seen)});
        each = gone ? entries_.erase(each) : std::next(each);
    }
    return news;
}

std::vector<std::string> AlertBook::open() const {
    std::vector<std::pair<Instant, std::string>> told;
    for (const auto& [name, entry] : entries_)
        if (entry.told) told.emplace_back(entry.first_seen, name);
    std::ranges::sort(told);
    std::vector<std::string> names;
    for (auto& [when, name] : told) names.push_back(std::move(name));
    return names;
}

}  // namespace evenkeel

#include "practice/practice_log.hpp"

#include <array>
#include <cstdio>
#include <utility>

#include "core/json_writer.hpp"
#include "core/text.hpp"

namespace evenkeel::practice {
namespace {

constexpr std::array<std::string_view, 6> outcome_words{"running", "answered", "refused", "failed", "left", "cut"};

void write_optional(JsonWriter& json, std::string_view name, const std::optional<Millis>& time) {
    json.name(name);
    time ? json.value(std::int64_t{time->count()}) : json.null();
}

void write(JsonWriter& json, const Encounter& encounter) {
    char hash[17];
    std::snprintf(hash, sizeof hash, "%016llx", static_cast<unsigned long long>(encounter.question_hash));
    json.object().member("number", encounter.number).member("at_ms", std::int64_t{encounter.at.count()});
    write_optional(json, "first_token_ms", encounter.first_token_at);
    write_optional(json, "ended_ms", encounter.ended_at);
    json.member("path", encounter.path).member("model", encounter.model).member("stream", encounter.stream);
    json.member("messages", std::uint64_t{encounter.messages}).member("behaviour", encounter.behaviour);
    json.member("outcome", to_string(encounter.outcome)).member("status", encounter.status);
    json.member("tokens_sent", encounter.tokens_sent).member("question_hash", std::string_view(hash));
    json.member("question", encounter.question).end_object();
}

}  // namespace

std::string_view to_string(Encounter::Outcome outcome) noexcept {
    return outcome_words[static_cast<std::size_t>(outcome)];
}

std::uint64_t fnv1a(std::string_view text) noexcept {
    std::uint64_t hash = 0xcbf29ce484222325ULL;
    for (const char c : text) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3ULL;
    return hash;
}

std::uint64_t PracticeLog::add(Encounter encounter, std::string_view question) {
    encounter.number = ++total_;
    encounter.question_hash = fnv1a(question);
    encounter.question = utf8_prefix(question, question_bytes_max);
    encounters_.push_back(std::move(encounter));
    if (encounters_.size() > encounters_max) encounters_.pop_front();
    return total_;
}

Encounter* PracticeLog::find(std::uint64_t number) noexcept {
    if (encounters_.empty() || number < encounters_.front().number || number > total_) return nullptr;
    return &encounters_[number - encounters_.front().number];
}

std::string PracticeLog::to_json(std::uint64_t after) const {
    std::string out;
    JsonWriter json(out);
    json.array();
    for (const Encounter& encounter : encounters_)
        if (encounter.number > after) write(json, encounter);
    json.end_array();
    return out;
}

}  // namespace evenkeel::practice

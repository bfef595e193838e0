#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/ids.hpp"
#include "core/time.hpp"
#include "practice/practice_log.hpp"

namespace evenkeel {

/// What became of one question of a rehearsal, as its asker saw it.
struct RehearsedQuestion {
    std::string scene;                         ///< "silence", "both down", …
    std::string conversation, text, expected;  ///< `expected`: the whole answer as it must read.
    Id id;
    bool receipted = false;            ///< Told that it is queued.
    bool restarted = false;            ///< The asker saw a partial text struck.
    std::vector<std::string> answers;  ///< Every whole answer shown, live or late.
    std::string provider;
    Millis asked_at{0};                      ///< Since the rehearsal began.
    std::optional<Millis> first_word_after;  ///< Live: until something could be read.
    std::optional<Millis> told_after;        ///< Until the asker had an answer or a receipt.
    std::optional<Millis> answered_after;    ///< Until the answer was whole.
    std::optional<std::size_t> answered_as;  ///< Counts the answers of the whole rehearsal, from 1.
    std::string trouble;                     ///< An error the asker read; empty is right.
};

/// When the script told the cloud to behave how.
struct RehearsedScene {
    std::string name;
    Millis from{0}, to{0};
    std::optional<Millis> retry_after;  ///< The cloud asked for so much rest.
    bool cloud_silent = false;
};

struct RehearsalRecord {
    std::vector<RehearsedScene> scenes;
    std::vector<RehearsedQuestion> questions;
    std::vector<practice::Encounter> cloud, local;  ///< The providers' own logs, `at` since the rehearsal began.
    std::int64_t still_open = 0;                    ///< Questions the store still holds open at the end.
};

struct PromiseVerdict {
    std::string promise;
    bool kept = false;
    std::string evidence;  ///< What was counted, or the first offence.
};

/// Holds the record against what Evenkeel promises. Pure.
std::vector<PromiseVerdict> judge_rehearsal(const RehearsalRecord& record);

}  // namespace evenkeel

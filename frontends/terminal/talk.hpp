#pragma once
#include <functional>
#include <string>

#include "chat/desk.hpp"
#include "core/async.hpp"
#include "core/env.hpp"
#include "frontends/terminal/line_source.hpp"
#include "frontends/terminal/screen.hpp"

namespace evenkeel::terminal {

/// What a conversation on a terminal or a pipe needs from the process around it. All outlive the call.
struct TalkContext {
    Env env;
    Desk& desk;
    Screen& out;       ///< Answers.
    Screen& err;       ///< Everything that is no answer, when `out` is a pipe.
    Event& interrupt;  ///< Pulsed at each Ctrl-C.
    /// Who will work the queue after this process ends, as a sentence for people.
    std::function<std::string()> who_answers;
};

struct ChatOptions {
    std::string conversation = "terminal";
    std::string model;
    bool is_private = false;
    bool practice = false;
    Millis ttl{24 * 3'600'000};
    /// Runs `/status`, `/queue` and the like; gives what to show.
    std::function<Task<std::string>(std::string command)> show;
    /// Runs `/outage cloud on`; gives what to show. Empty outside practice.
    std::function<std::string(std::string_view arguments)> outage;
};

/// Talks until /quit or the end of input. On a terminal late answers appear as they come; on a pipe each line is a
/// question and each answer a paragraph. Exit codes: 0; on a pipe 75 when a question is still queued, else 65 when one
/// was refused; 74 storage.
Task<int> chat(TalkContext context, LineSource& lines, ChatOptions options);

struct AskOptions {
    std::string question;
    std::string conversation;  ///< Empty: one of its own.
    std::string model;
    bool is_private = false;
    bool practice = false;
    bool stream = false;  ///< Tokens as they come, also into a pipe.
    bool json = false;    ///< One object at the end.
    bool quiet = false;   ///< The answer and nothing else.
    Millis wait{0};       ///< How long to wait for an answer once it is queued.
    Millis ttl{24 * 3'600'000};
};

/// One question, one answer. Exit codes of design section 1: 0, 65, 69, 74, 75, 130.
Task<int> ask(TalkContext context, AskOptions options);

/// "↳ 14:03, 5 min ago you asked «question»": the head line of an answer that came late.
std::string late_heading(const Delivery& delivery, WallTime now);

}  // namespace evenkeel::terminal

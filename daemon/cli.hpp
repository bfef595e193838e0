#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "core/result.hpp"

namespace evenkeel {

/// Flags that every command has.
struct CommonFlags {
    std::string config;  ///< --config; empty: not given.
    std::string data;    ///< --data; empty: not given.
    bool json = false;
    bool quiet = false;
    bool no_color = false;
};

namespace command {

struct Chat {
    std::string conversation, model;
    bool is_private = false, practice = false;
};
struct Ask {
    std::string question;  ///< Empty: it comes from standard input.
    std::string conversation, model;
    std::optional<Millis> wait;
    bool stream = false, is_private = false, practice = false;
};
struct Serve {
    bool practice = false;
};
struct QueueList {
    bool all = false;  ///< Also what has ended.
    std::int64_t limit = 100;
};
struct QueueShow {
    std::string id;
};
struct QueueRetry {
    std::vector<std::string> ids;
};
struct QueueCancel {
    std::vector<std::string> ids;
};
struct QueueRun {
    bool until_empty = false;
};
struct QueueExport {
    std::string file;  ///< Empty: standard output.
};
struct ConversationList {
    std::int64_t limit = 100;
};
struct ConversationShow {
    std::string id;
};
struct ConversationExport {
    std::string id, file;  ///< Empty file: standard output.
};
struct ConversationDelete {
    std::string id;
    bool yes = false;  ///< Do not ask.
};
struct Status {};
struct Cost {
    std::int64_t days = 30;
    bool by_key = false;  ///< Also per key of the HTTP API.
};
struct KeyCreate {
    std::string name;
    std::vector<std::string> scopes;  ///< None: the usual ones.
    std::optional<std::int64_t> requests_per_minute, tokens_per_day;
    std::optional<double> usd_per_day, usd_per_month;
    std::optional<std::int64_t> concurrent;
    bool downgrade = false;
    std::vector<std::string> models, webhooks;
    std::optional<Millis> expires;
};
struct KeyList {
    bool all = false;  ///< Also revoked and expired ones.
};
struct KeyRevoke {
    std::vector<std::string> keys;  ///< Names or ids.
};
struct Doctor {};
struct Rehearse {
    bool quick = false;
    std::string without;  ///< For tests of the drill itself: breaker, queue or judge; empty: nothing.
};
/// Not in --help: practice providers on their own, for end-to-end tests.
struct Practice {
    bool list_failpoints = false;
};
struct ConfigInit {
    std::string file = "evenkeel.toml";
    bool force = false;  ///< Replace what is there.
};
struct ConfigCheck {};
struct ConfigShow {};
struct Backup {
    std::string file;
};
/// --help and --version: print it and end with 0.
struct ShowText {
    std::string text;
};
/// No command was given; what it means depends on standard input (default_command).
struct None {};

}  // namespace command

using Command =
    std::variant<command::None, command::ShowText, command::Chat, command::Ask, command::Serve, command::QueueList,
                 command::QueueShow, command::QueueRetry, command::QueueCancel, command::QueueRun, command::QueueExport,
                 command::ConversationList, command::ConversationShow, command::ConversationExport,
                 command::ConversationDelete, command::KeyCreate, command::KeyList, command::KeyRevoke, command::Status,
                 command::Cost, command::Doctor, command::Rehearse, command::Practice, command::ConfigInit,
                 command::ConfigCheck, command::ConfigShow, command::Backup>;

struct Invocation {
    CommonFlags flags;
    Command command;
};

/// Reads the command line; `arguments` are those behind the program's name. Errors: request "usage", with the nearest
/// command or flag in the detail.
Result<Invocation> parse_command_line(std::span<const std::string> arguments);

/// What standard input is when no command is given.
enum class StandardInput : std::uint8_t {
    terminal,
    lines,  ///< A pipe or a file with something in it.
    empty,  ///< Closed, /dev/null, or a pipe that ended at once.
};
/// A terminal: chat. Lines: chat, a question each. Nothing: the short rehearsal, so that the bare command always shows
/// the main job.
Command default_command(StandardInput input);

}  // namespace evenkeel

#pragma once
#include <string>
#include <string_view>

#include "chat/desk.hpp"
#include "chat/options.hpp"
#include "chat/route_health.hpp"
#include "chat/steady_wall.hpp"
#include "core/env.hpp"
#include "core/json.hpp"
#include "llm/provider.hpp"
#include "store/async_store.hpp"

namespace evenkeel {

/// The process that owns the data, as `status` shows it.
struct OwnerView {
    std::int64_t pid = 0;
    std::string command;    ///< "serve", "chat", …
    std::string directory;  ///< Of the data.
};

/// `Desk::call`: JSON in, JSON out. An argument `id` of a question is an id or its first ≥ 6 digits; one that fits
/// several is refused with code "ambiguous" and a detail that lists them. `limit` is 1 to 10,000 (default 1,000),
/// oldest first. Spans are in seconds, times RFC 3339 in UTC; what is unknown is null.
///
/// | operation            | arguments         | result                                                              |
/// |----------------------|-------------------|---------------------------------------------------------------------|
/// | queue.list           | {all?, limit?}    | [question]; without `all` only those that still owe an answer       |
/// | queue.show           | {id}              | question                                                            |
/// | queue.export         | {all?, limit?}    | [question], each with the whole question and answer                 |
/// | queue.retry          | {id}              | {id, state}                                                         |
/// | queue.cancel         | {id}              | {id, state}                                                         |
/// | conversation.list    | {limit?}          | [{id, private, messages, open, first_at, last_at}]                  |
/// | conversation.show    | {id}              | {id, messages: [question]}                                          |
/// | conversation.export  | {id}              | [question]                                                          |
/// | conversation.delete  | {id}              | {deleted}; what was being answered in it is cancelled first         |
/// | conversation.private | {id}              | {private}                                                           |
/// | status               | {}                | {owner, route, providers: [provider], queue, storage}               |
/// | cost                 | {days?, by_key?}  | {from, spend: [line], total: line, reference, savings, by_key?}     |
/// | backup               | {file}            | {file}                                                              |
/// | store.check          | {}                | {sound, damage: [text]}                                             |
///
/// `days` is 1 to 3,660 (default 30). owner: {pid, command, directory, generation}. queue: {queued, working,
/// undelivered, dead, oldest_s}. storage: {engine, schema, file_bytes, log_bytes}. line: {day, provider, model, tries,
/// answers, input_tokens, output_tokens, estimated, cost_usd, cost_unknown}. by_key, where it was asked for: [{id,
/// name, revoked, and a line's figures}], at last one with id and name null for what no key stands for. reference:
/// {name, input_usd, output_usd, source, read_on}.
///
/// question: {id, conversation, state, question, age_s, position, eta_s, attempts, reason} and, in show and export,
/// {frontend, user, model, accepted_at, expires_at, ended_at, crashes, partial} and once there is one `answer` (its
/// text) with `figures` (turn_json.hpp's answer). In a list `question` is one line of at most 200 characters. provider:
/// {name, kind, model, local, phase, since, why, next_probe_s, calls, failures, probes}. savings: {tokens{input,
/// output}, reference_usd, spent_usd, saved_usd, saved_at_most_usd, days, per_day_usd, per_year_usd}; saved_usd is null
/// while the cost of some try is unknown, the others then count those tries as free.
class Operations {
public:
    /// All of it outlives the object.
    struct Context {
        Env env;
        AsyncStore& store;
        const Provider& route;
        const RouteHealth& health;
        const ChatOptions& options;
        const SteadyWall& wall;
        OwnerView owner;
        Desk& desk;  ///< Takes questions back.
    };
    explicit Operations(Context context);
    /// Errors: request ("unknown_operation", "invalid_json", "bad_argument", "not_found", "ambiguous"), storage.
    Task<Result<std::string>> call(std::string operation, std::string arguments);

private:
    using Answered = Task<Result<std::string>>;
    using Operation = Answered (Operations::*)(Json arguments);
    static Operation find(std::string_view name) noexcept;

    Answered queue_list(Json arguments);
    Answered queue_show(Json arguments);
    Answered queue_export(Json arguments);
    Answered queue_retry(Json arguments);
    Answered queue_cancel(Json arguments);
    Answered conversation_list(Json arguments);
    Answered conversation_show(Json arguments);
    Answered conversation_export(Json arguments);
    Answered conversation_delete(Json arguments);
    Answered conversation_private(Json arguments);
    Answered status(Json arguments);
    Answered cost(Json arguments);
    Answered backup(Json arguments);
    Answered check(Json arguments);

    Task<Result<Id>> resolve(Json arguments);
    Task<Result<JobView>> view(Id id);
    Task<Result<std::vector<JobView>>> jobs(Json arguments);
    Task<Result<std::vector<JobView>>> transcript(std::string conversation);
    Task<Result<std::string>> id_and_state(Id id);
    Context context_;
};

}  // namespace evenkeel

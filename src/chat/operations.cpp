#include "chat/operations.hpp"

#include <algorithm>
#include <array>

#include "chat/operations_json.hpp"
#include "core/text.hpp"

namespace evenkeel {
namespace {

constexpr std::int64_t limit_default = 1'000, limit_max = 10'000;
constexpr std::int64_t days_default = 30, days_max = 3'660;
/// So many are listed where a prefix fits several.
constexpr std::size_t candidates_max = 8;

std::unexpected<Error> bad_argument(std::string detail) { return caller_fault(std::move(detail), "bad_argument"); }

Result<std::int64_t> number(Json arguments, const char* name, std::int64_t other, std::int64_t most) {
    const Json given = arguments[name];
    if (given.is_nothing()) return other;
    const auto value = given.integer();
    if (!value || *value < 1 || *value > most)
        return bad_argument(std::string(name) + " must be a whole number from 1 to " + std::to_string(most));
    return *value;
}

Result<std::string> text(Json arguments, const char* name) {
    const auto value = arguments[name].string();
    if (!value || value->empty()) return bad_argument(std::string("the argument ") + name + " is missing");
    return std::string(*value);
}

QuestionTimes times_of(const Operations::Context& context) {
    const Instant next = context.health.next_try_at(false);
    const auto wait = next == forever ? std::nullopt : std::optional(elapsed(context.env.now(), next));
    return {.now = context.wall.now(), .next_try = wait};
}

}  // namespace

Operations::Operations(Context context) : context_(std::move(context)) {}

Operations::Operation Operations::find(std::string_view name) noexcept {
    using Row = std::pair<std::string_view, Operation>;
    static constexpr std::array rows{Row{"queue.list", &Operations::queue_list},
                                     Row{"queue.show", &Operations::queue_show},
                                     Row{"queue.export", &Operations::queue_export},
                                     Row{"queue.retry", &Operations::queue_retry},
                                     Row{"queue.cancel", &Operations::queue_cancel},
                                     Row{"conversation.list", &Operations::conversation_list},
                                     Row{"conversation.show", &Operations::conversation_show},
                                     Row{"conversation.export", &Operations::conversation_export},
                                     Row{"conversation.delete", &Operations::conversation_delete},
                                     Row{"conversation.private", &Operations::conversation_private},
                                     Row{"status", &Operations::status},
                                     Row{"cost", &Operations::cost},
                                     Row{"backup", &Operations::backup},
                                     Row{"store.check", &Operations::check}};
    const auto found = std::ranges::find(rows, name, &Row::first);
    return found == rows.end() ? nullptr : found->second;
}

Task<Result<std::string>> Operations::call(std::string operation, std::string arguments) {
    const Operation found = find(operation);
    if (!found) co_return caller_fault("there is no operation " + one_line(operation, 40), "unknown_operation");
    JsonDoc doc;
    auto json = doc.parse(arguments.empty() ? "{}" : arguments);
    if (!json) co_return caller_fault(json.error().detail, "invalid_json");
    if (!json->is_object()) co_return caller_fault("the arguments must be an object", "invalid_json");
    co_return co_await (this->*found)(*json);
}

Task<Result<Id>> Operations::resolve(Json arguments) {
    const auto typed = text(arguments, "id");
    if (!typed) co_return fail(typed.error());
    if (const auto whole = parse_id(*typed)) co_return *whole;
    const auto prefix = parse_id_prefix(*typed);
    if (!prefix)
        co_return bad_argument("an id has at least " + std::to_string(id_prefix_digits_min) +
                               " hexadecimal digits: " + one_line(*typed, 40));
    auto ids = co_await context_.store.run(
        [prefix = *prefix](StoreEngine& engine) { return engine.desk().find(everyone, prefix, candidates_max); });
    if (!ids) co_return fail(ids.error());
    if (ids->empty()) co_return caller_fault("no question has an id that begins with " + *typed, "not_found");
    if (ids->size() == 1) co_return ids->front();
    std::string detail = *typed + " fits several:";
    for (const Id& id : *ids) detail += " " + to_string(id);
    co_return caller_fault(std::move(detail), "ambiguous");
}

Task<Result<JobView>> Operations::view(Id id) {
    co_return co_await context_.store.run([id](StoreEngine& engine) { return engine.desk().show(everyone, id); });
}

Task<Result<std::vector<JobView>>> Operations::jobs(Json arguments) {
    const auto limit = number(arguments, "limit", limit_default, limit_max);
    if (!limit) co_return fail(limit.error());
    const bool all = arguments["all"].boolean().value_or(false);
    co_return co_await context_.store.run([all, most = static_cast<std::size_t>(*limit)](StoreEngine& engine) {
        return engine.desk().list(everyone, !all, most);
    });
}

Task<Result<std::vector<JobView>>> Operations::transcript(std::string conversation) {
    auto views =
        co_await context_.store.run([principal = context_.options.principal, conversation](StoreEngine& engine) {
            return engine.conversations().transcript(principal, conversation);
        });
    if (views && views->empty()) co_return caller_fault("there is no conversation " + conversation, "not_found");
    co_return views;
}

Task<Result<std::string>> Operations::queue_list(Json arguments) {
    auto views = co_await jobs(arguments);
    if (!views) co_return fail(views.error());
    co_return questions_json(*views, times_of(context_), Detail::line);
}

Task<Result<std::string>> Operations::queue_export(Json arguments) {
    auto views = co_await jobs(arguments);
    if (!views) co_return fail(views.error());
    co_return questions_json(*views, times_of(context_), Detail::whole);
}

Task<Result<std::string>> Operations::queue_show(Json arguments) {
    auto id = co_await resolve(arguments);
    if (!id) co_return fail(id.error());
    auto found = co_await view(*id);
    if (!found) co_return fail(found.error());
    std::string out;
    JsonWriter json(out);
    write_question(json, *found, times_of(context_), Detail::whole);
    co_return out;
}

Task<Result<std::string>> Operations::id_and_state(Id id) {
    auto found = co_await view(id);
    if (!found) co_return fail(found.error());
    std::string out;
    JsonWriter(out).object().member("id", to_string(id)).member("state", to_string(found->state)).end_object();
    co_return out;
}

Task<Result<std::string>> Operations::queue_retry(Json arguments) {
    auto id = co_await resolve(arguments);
    if (!id) co_return fail(id.error());
    auto done = co_await context_.store.run(
        [id = *id, now = context_.wall.now()](StoreEngine& engine) { return engine.desk().retry(everyone, id, now); });
    if (!done) co_return fail(done.error());
    co_return co_await id_and_state(*id);
}

Task<Result<std::string>> Operations::queue_cancel(Json arguments) {
    auto id = co_await resolve(arguments);
    if (!id) co_return fail(id.error());
    if (auto done = co_await context_.desk.cancel(*id); !done) co_return fail(done.error());
    co_return co_await id_and_state(*id);
}

Task<Result<std::string>> Operations::conversation_list(Json arguments) {
    const auto limit = number(arguments, "limit", limit_default, limit_max);
    if (!limit) co_return fail(limit.error());
    auto found = co_await context_.store.run(
        [principal = context_.options.principal, most = static_cast<std::size_t>(*limit)](StoreEngine& engine) {
            return engine.conversations().conversations(principal, most);
        });
    if (!found) co_return fail(found.error());
    co_return conversations_json(*found);
}

Task<Result<std::string>> Operations::conversation_show(Json arguments) {
    auto messages = co_await conversation_export(arguments);
    if (!messages) co_return messages;
    std::string out;
    JsonWriter json(out);
    json.object().member("id", arguments["id"].string_or("")).name("messages").raw(*messages).end_object();
    co_return out;
}

Task<Result<std::string>> Operations::conversation_export(Json arguments) {
    const auto id = text(arguments, "id");
    if (!id) co_return fail(id.error());
    auto views = co_await transcript(*id);
    if (!views) co_return fail(views.error());
    co_return questions_json(*views, times_of(context_), Detail::whole);
}

Task<Result<std::string>> Operations::conversation_delete(Json arguments) {
    const auto id = text(arguments, "id");
    if (!id) co_return fail(id.error());
    auto views = co_await transcript(*id);
    if (!views) co_return fail(views.error());
    // Newest first, so that none of the later ones is begun because an earlier one ended. One that ends by itself
    // meanwhile is as good.
    for (auto view = views->rbegin(); view != views->rend(); ++view)
        if (is_open(view->state)) static_cast<void>(co_await context_.desk.cancel(view->id));
    auto done =
        co_await context_.store.run_alone([principal = context_.options.principal, id = *id](StoreEngine& engine) {
            return engine.conversations().forget(principal, id);
        });
    if (!done) co_return fail(done.error());
    std::string out;
    JsonWriter(out).object().member("deleted", *id).end_object();
    co_return out;
}

Task<Result<std::string>> Operations::conversation_private(Json arguments) {
    const auto id = text(arguments, "id");
    if (!id) co_return fail(id.error());
    auto done = co_await context_.store.run(
        [principal = context_.options.principal, id = *id, now = context_.wall.now()](StoreEngine& engine) {
            return engine.conversations().make_private(principal, id, now);
        });
    if (!done) co_return fail(done.error());
    std::string out;
    JsonWriter(out).object().member("private", *id).end_object();
    co_return out;
}

Task<Result<std::string>> Operations::status(Json) {
    auto figures = co_await context_.store.run([](StoreEngine& engine) { return engine.figures(); });
    if (!figures) co_return fail(figures.error());
    co_return status_json(context_.owner, context_.route.describe(), context_.health.lanes(), *figures,
                          context_.env.now(), context_.wall.now());
}

Task<Result<std::string>> Operations::cost(Json arguments) {
    const auto days = number(arguments, "days", days_default, days_max);
    if (!days) co_return fail(days.error());
    const WallTime now = context_.wall.now();
    const WallTime from = std::chrono::floor<std::chrono::days>(now) - std::chrono::days{*days - 1};
    auto spend = co_await context_.store.run([from](StoreEngine& engine) { return engine.outbox().spending(from); });
    if (!spend) co_return fail(spend.error());
    const auto sum = savings_of(*spend, format_wall(now).substr(0, 10), reference_price);
    std::optional<std::vector<KeyCost>> by_key;
    if (arguments["by_key"].boolean().value_or(false)) {
        auto usage = co_await context_.store.run([from](StoreEngine& engine) { return engine.usage().usage(from); });
        if (!usage) co_return fail(usage.error());
        auto keys = co_await context_.store.run([](StoreEngine& engine) { return engine.keys().keys(); });
        if (!keys) co_return fail(keys.error());
        by_key = key_costs(*usage, *keys, sum);
    }
    co_return cost_json(from, *spend, sum, reference_price, by_key);
}

Task<Result<std::string>> Operations::backup(Json arguments) {
    const auto file = text(arguments, "file");
    if (!file) co_return fail(file.error());
    // A relative path would be taken from the owner's directory, not from that of whoever typed it.
    if (!file->starts_with('/')) co_return bad_argument("the backup file must be an absolute path");
    auto done = co_await context_.store.run_alone([file = *file](StoreEngine& engine) { return engine.backup(file); });
    if (!done) co_return fail(done.error());
    std::string out;
    JsonWriter(out).object().member("file", *file).end_object();
    co_return out;
}

Task<Result<std::string>> Operations::check(Json) {
    auto damage = co_await context_.store.run_alone([](StoreEngine& engine) { return engine.check(); });
    if (!damage) co_return fail(damage.error());
    std::string out;
    JsonWriter json(out);
    json.object().member("sound", damage->empty()).name("damage").array();
    for (const std::string& line : *damage) json.value(line);
    json.end_array().end_object();
    co_return out;
}

}  // namespace evenkeel

#include "control/remote_desk.hpp"

#include <deque>
#include <limits>

#include "chat/turn_json.hpp"
#include "control/control_server.hpp"
#include "control/wire.hpp"
#include "core/async.hpp"
#include "core/json.hpp"
#include "core/json_writer.hpp"
#include "net/ndjson_parser.hpp"

namespace evenkeel {
namespace {

constexpr Millis connect_within{1'000};

std::unexpected<Error> gone(const Error& why) {
    return owner_fault("owner_gone", "the process that works the queue has ended (" + why.detail + ")");
}

Task<Result<std::string>> whole_body(HttpReply& reply) {
    std::string body;
    for (;;) {
        const auto piece = co_await reply.read();
        if (!piece) co_return gone(piece.error());
        if (piece->empty()) co_return body;
        body += *piece;
    }
}

/// The lines of a reply, as they come.
class Lines {
public:
    explicit Lines(std::unique_ptr<HttpReply> reply) noexcept : reply_(std::move(reply)) {}
    /// Empty at the proper end. Errors: owner_gone.
    Task<Result<std::optional<std::string>>> next() {
        while (waiting_.empty()) {
            const auto bytes = co_await reply_->read();
            if (!bytes) co_return gone(bytes.error());
            if (bytes->empty()) co_return std::optional<std::string>{};
            const auto lines = parser_.feed(*bytes);
            if (!lines) co_return fail(lines.error());
            waiting_.assign(lines->begin(), lines->end());
        }
        std::optional line(std::move(waiting_.front()));
        waiting_.pop_front();
        co_return line;
    }

private:
    std::unique_ptr<HttpReply> reply_;
    NdjsonParser parser_;
    std::deque<std::string> waiting_;  ///< What one read brought: bounded by the client's buffer.
};

class RemoteTurn final : public TurnStream {
public:
    explicit RemoteTurn(std::unique_ptr<HttpReply> reply) noexcept : lines_(std::move(reply)) {}
    Task<Result<std::optional<TurnEvent>>> next() override {
        if (ended_) co_return std::optional<TurnEvent>{};
        const auto line = co_await lines_.next();
        if (!line) co_return fail(line.error());
        ended_ = !line->has_value();
        if (ended_) co_return std::optional<TurnEvent>{};
        if (auto broken = wire::refusal_in(**line)) co_return fail(std::move(*broken));
        auto event = turn_event_from_json(**line);
        if (!event) co_return wire::protocol_fault("an event that cannot be read");
        co_return std::optional(std::move(*event));
    }

private:
    Lines lines_;
    bool ended_ = false;
};

class RemoteDeliveries final : public DeliveryStream {
public:
    explicit RemoteDeliveries(std::unique_ptr<HttpReply> reply) noexcept : lines_(std::move(reply)) {}
    Task<Result<Delivery>> next() override {
        const auto line = co_await lines_.next();
        if (!line) co_return fail(line.error());
        if (!*line) co_return owner_fault("owner_gone", "the process that works the queue has ended");
        if (auto broken = wire::refusal_in(**line)) co_return fail(std::move(*broken));
        auto delivery = delivery_from_json(**line);
        if (!delivery) co_return wire::protocol_fault("a delivery that cannot be read");
        co_return std::move(*delivery);
    }

private:
    Lines lines_;
};

Error version_mismatch(std::string_view theirs) {
    return owner_fault("control_version", "the process that owns the data speaks control version " +
                                              std::string(theirs.substr(0, 16)) + ", this command speaks " +
                                              std::string(control_version) + ": stop it, or use the same program")
        .error();
}

/// What a reply with another status than 200 says.
Task<Error> error_of(HttpReply& reply) {
    const int status = reply.status();
    const auto body = co_await whole_body(reply);
    if (!body) co_return body.error();
    if (auto error = wire::refusal_in(*body)) co_return std::move(*error);
    co_return wire::protocol_fault("a reply of status " + std::to_string(status)).error();
}

}  // namespace

RemoteDesk::RemoteDesk(Env env, Network& network, std::string socket_path)
    : env_(env),
      client_(make_http_client(env, network,
                               Endpoint{.path = std::move(socket_path), .connect_timeout = connect_within},
                               // A watch lasts for days; who writes here is a process of the same user.
                               {.body_bytes_max = std::numeric_limits<std::size_t>::max()})) {}
RemoteDesk::~RemoteDesk() = default;

Task<Result<std::unique_ptr<HttpReply>>> RemoteDesk::ask(std::string method, std::string target, std::string body) {
    HttpRequest request{.method = std::move(method),
                        .target = std::move(target),
                        .headers = {{std::string(control_version_header), std::string(control_version)},
                                    {"Content-Type", "application/json"}},
                        .body = std::move(body)};
    auto reply = co_await client_->send(std::move(request));
    if (!reply) co_return gone(reply.error());
    const auto theirs = (*reply)->header(control_version_header);
    if (!theirs.empty() && theirs != control_version) co_return fail(version_mismatch(theirs));
    if ((*reply)->status() != 200) co_return fail(co_await error_of(**reply));
    co_return reply;
}

Task<Result<std::string>> RemoteDesk::ask_whole(std::string method, std::string target, std::string body) {
    auto reply = co_await ask(std::move(method), std::move(target), std::move(body));
    if (!reply) co_return fail(std::move(reply.error()));
    co_return co_await whole_body(**reply);
}

Task<Result<void>> RemoteDesk::ask_done(std::string target) {
    auto done = co_await ask_whole("POST", std::move(target), "{}");
    if (!done) co_return fail(std::move(done.error()));
    co_return Result<void>{};
}

Task<Result<OwnerIdentity>> RemoteDesk::who_now() {
    const auto body = co_await ask_whole("GET", "/who", {});
    if (!body) co_return fail(body.error());
    JsonDoc doc;
    const auto root = doc.parse(*body);
    if (!root) co_return wire::protocol_fault("an owner without a name");
    co_return OwnerIdentity{.pid = static_cast<std::uint32_t>((*root)["pid"].integer_or(0)),
                            .kind = std::string((*root)["kind"].string_or("")),
                            .version = std::string((*root)["version"].string_or("")),
                            .generation = static_cast<std::uint64_t>((*root)["generation"].integer_or(0))};
}

Task<Result<OwnerIdentity>> RemoteDesk::who() {
    auto identity = co_await until(env_.scheduler, env_.now() + answer_within, who_now());
    if (!identity) co_return owner_fault("owner_gone", "the process that owns the data does not answer");
    co_return std::move(*identity);
}

Task<Result<void>> RemoteDesk::ask_to_yield() {
    auto granted = co_await until(env_.scheduler, env_.now() + answer_within, ask_done("/yield"));
    if (!granted) co_return owner_fault("owner_gone", "the process that owns the data does not answer");
    co_return std::move(*granted);
}

Task<Error> RemoteDesk::watch() {
    const Error hangs = owner_fault("owner_unreachable", "the process that owns the data hangs").error();
    auto reply = co_await until(env_.scheduler, env_.now() + silence_max, ask("GET", "/watch", {}));
    if (!reply) co_return hangs;
    if (!*reply) co_return reply->error();
    for (;;) {
        const auto beat = co_await until(env_.scheduler, env_.now() + silence_max, (**reply)->read());
        if (!beat) co_return hangs;
        if (!*beat) co_return gone(beat->error()).error();
        if ((*beat)->empty()) co_return owner_fault("owner_gone", "the process that owned the data has ended").error();
    }
}

Task<Result<std::unique_ptr<TurnStream>>> RemoteDesk::submit(Inbound message) {
    auto reply = co_await ask("POST", "/submit", to_json(message));
    if (!reply) co_return fail(std::move(reply.error()));
    co_return std::make_unique<RemoteTurn>(std::move(*reply));
}

Task<Result<std::unique_ptr<TurnStream>>> RemoteDesk::follow(Id id) {
    auto reply = co_await ask("GET", "/turns/" + to_string(id), {});
    if (!reply) co_return fail(std::move(reply.error()));
    co_return std::make_unique<RemoteTurn>(std::move(*reply));
}

Task<Result<void>> RemoteDesk::cancel(Id id) { return ask_done("/turns/" + to_string(id) + "/cancel"); }
Task<Result<void>> RemoteDesk::shown(Id id) { return ask_done("/turns/" + to_string(id) + "/shown"); }

Task<Result<std::unique_ptr<DeliveryStream>>> RemoteDesk::deliveries(std::string frontend, std::string conversation) {
    std::string body;
    JsonWriter(body).object().member("frontend", frontend).member("conversation", conversation).end_object();
    auto reply = co_await ask("POST", "/deliveries", std::move(body));
    if (!reply) co_return fail(std::move(reply.error()));
    co_return std::make_unique<RemoteDeliveries>(std::move(*reply));
}

Task<Result<std::string>> RemoteDesk::call(std::string operation, std::string arguments) {
    std::string body;
    JsonWriter(body).object().member("operation", operation).member("arguments", arguments).end_object();
    co_return co_await ask_whole("POST", "/call", std::move(body));
}

}  // namespace evenkeel

#include "control/control_server.hpp"

#include "chat/turn_json.hpp"
#include "control/wire.hpp"
#include "core/async.hpp"
#include "core/json.hpp"
#include "net/http_server.hpp"

namespace evenkeel {
namespace {

constexpr std::string_view turns_prefix = "/turns/";

HttpHeaders headers_of(std::string_view content_type) {
    return {{"Content-Type", std::string(content_type)},
            {std::string(control_version_header), std::string(control_version)}};
}

int status_of(const Error& error) {
    if (error.code == "not_found") return 404;
    if (error.code == "control_version" || error.code == "owner_busy") return 409;
    if (error.cls == ErrorClass::request || error.cls == ErrorClass::policy) return 400;
    if (error.cls == ErrorClass::overload || error.cls == ErrorClass::transient) return 503;
    return 500;
}

Task<Result<void>> respond(HttpResponder& responder, int status, std::string body) {
    return responder.respond(status, headers_of("application/json"), std::move(body));
}
Task<Result<void>> refuse(HttpResponder& responder, const Error& error) {
    return respond(responder, status_of(error), wire::refusal(error));
}
/// Ends a request that has no result but success.
Task<Result<void>> conclude(HttpResponder& responder, const Result<void>& result) {
    return result ? respond(responder, 200, R"({"ok":true})") : refuse(responder, result.error());
}

/// Lets in only connections of one user, and of root.
class OneUserListener final : public Listener {
public:
    OneUserListener(Env env, std::unique_ptr<Listener> inner, std::uint32_t uid)
        : env_(env), inner_(std::move(inner)), uid_(uid) {}
    Task<Result<ConnectionPtr>> accept() override {
        for (;;) {
            auto connection = co_await inner_->accept();
            // Root may read the data directory anyway, and looks after services that have a user of their own.
            if (!connection || may_enter((*connection)->peer_uid().value_or(uid_))) co_return connection;
            env_.notes.note({.severity = Severity::warning,
                             .name = "control.foreign_user",
                             .subject = (*connection)->peer(),
                             .detail = "A process of another user knocked at the control socket and was turned away.",
                             .value = *(*connection)->peer_uid()});
        }
    }
    std::uint16_t port() const noexcept override { return inner_->port(); }

private:
    Env env_;
    std::unique_ptr<Listener> inner_;
    bool may_enter(std::uint32_t uid) const noexcept { return uid == uid_ || uid == 0; }
    std::uint32_t uid_;
};

std::unique_ptr<Listener> guarded(Env env, std::unique_ptr<Listener> listener, std::optional<std::uint32_t> uid) {
    if (!uid) return listener;
    return std::make_unique<OneUserListener>(env, std::move(listener), *uid);
}

Task<bool> nap(Scheduler& scheduler, Nanos duration) {
    co_await sleep_for(scheduler, duration);
    co_return true;
}

bool is_last(const TurnEvent& event) {
    switch (event.kind) {
        case TurnEvent::Kind::answered:
        case TurnEvent::Kind::cancelled:
        case TurnEvent::Kind::refused:
        case TurnEvent::Kind::expired:
        case TurnEvent::Kind::dead: return true;
        default: return false;
    }
}

}  // namespace

struct ControlServer::Impl {
    Impl(Env environment, std::unique_ptr<Listener> listener, Desk& offered, ControlServerOptions given)
        : env(environment),
          desk(offered),
          options(std::move(given)),
          server(env, guarded(env, std::move(listener), options.uid),
                 [this](HttpIncoming& request, HttpResponder& responder) { return handle(request, responder); }) {}

    Task<void> handle(HttpIncoming& request, HttpResponder& responder) {
        if (const auto theirs = request.header(control_version_header); theirs != control_version) {
            std::ignore = co_await refuse(responder, version_mismatch(theirs));
            co_return;
        }
        std::ignore = co_await dispatch(request, responder);
    }

    Error version_mismatch(std::string_view theirs) const {
        const std::string asked = theirs.empty() ? "none" : std::string(theirs.substr(0, 16));
        return owner_fault("control_version", "you speak control version " + asked + ", but " +
                                                  describe(options.identity) + " of evenkeel " +
                                                  options.identity.version + " speaks version " +
                                                  std::string(control_version) + ": stop it, or use the same program")
            .error();
    }

    Task<Result<void>> dispatch(HttpIncoming& request, HttpResponder& responder) {
        const bool post = request.method == "POST";
        const std::string_view path = request.path;
        if (!post && path == "/who") return respond(responder, 200, to_json(options.identity));
        if (!post && path == "/watch") return watch(responder);
        if (post && path == "/yield") return yield(responder);
        if (post && path == "/submit") return submit(request, responder);
        if (post && path == "/deliveries") return deliveries(request, responder);
        if (post && path == "/call") return call(request, responder);
        if (path.starts_with(turns_prefix)) return turn(path.substr(turns_prefix.size()), post, responder);
        return refuse(responder, caller_fault("the control socket knows no " + request.path, "not_found").error());
    }

    Task<Result<void>> watch(HttpResponder& responder) {
        if (auto started = co_await responder.start(200, headers_of("application/x-ndjson")); !started)
            co_return started;
        for (;;) {
            if (auto written = co_await responder.write("{\"beat\":true}\n"); !written) co_return written;
            if (!co_await unless(responder.gone(), nap(env.scheduler, control_beat))) co_return Result<void>{};
        }
    }

    Task<Result<void>> yield(HttpResponder& responder) {
        if (!options.on_yield) {
            const std::string detail = describe(options.identity) + " owns this data directory and keeps it";
            co_return co_await refuse(responder, owner_fault("owner_busy", detail).error());
        }
        const auto sent = co_await respond(responder, 200, R"({"yielding":true})");
        if (sent) options.on_yield();
        co_return sent;
    }

    Task<Result<void>> submit(HttpIncoming& request, HttpResponder& responder) {
        auto message = inbound_from_json(request.body);
        if (!message) co_return co_await refuse(responder, message.error());
        auto turn = co_await desk.submit(std::move(*message));
        if (!turn) co_return co_await refuse(responder, turn.error());
        co_return co_await stream(std::move(*turn), responder);
    }

    Task<Result<void>> turn(std::string_view rest, bool post, HttpResponder& responder) {
        const auto slash = rest.find('/');
        const auto id = parse_id(rest.substr(0, slash));
        const std::string verb(slash == rest.npos ? "" : rest.substr(slash + 1));
        if (id && post && verb == "cancel") co_return co_await conclude(responder, co_await desk.cancel(*id));
        if (id && post && verb == "shown") co_return co_await conclude(responder, co_await desk.shown(*id));
        if (!id || post || !verb.empty())
            co_return co_await refuse(responder, caller_fault("there is no such turn", "not_found").error());
        auto turn = co_await desk.follow(*id);
        if (!turn) co_return co_await refuse(responder, turn.error());
        co_return co_await stream(std::move(*turn), responder);
    }

    /// Until its last event, or until the watcher leaves.
    Task<Result<void>> stream(std::unique_ptr<TurnStream> turn, HttpResponder& responder) {
        if (auto started = co_await responder.start(200, headers_of("application/x-ndjson")); !started)
            co_return started;
        for (bool last = false; !last;) {
            auto event = co_await unless(responder.gone(), turn->next());
            if (!event) co_return Result<void>{};
            if (*event && !**event) break;
            last = !*event || is_last(***event);
            std::string line = *event ? to_json(***event) : wire::refusal(event->error());
            if (auto written = co_await responder.write(line += '\n'); !written) co_return written;
        }
        co_return co_await responder.finish();
    }

    Task<Result<void>> deliveries(HttpIncoming& request, HttpResponder& responder) {
        JsonDoc doc;
        const auto root = doc.parse(request.body);
        const Json wanted = root ? *root : Json{};
        auto late = co_await desk.deliveries(std::string(wanted["frontend"].string_or("")),
                                             std::string(wanted["conversation"].string_or("")));
        if (!late) co_return co_await refuse(responder, late.error());
        const auto source = std::move(*late);
        if (auto started = co_await responder.start(200, headers_of("application/x-ndjson")); !started)
            co_return started;
        for (;;) {
            auto delivery = co_await unless(responder.gone(), source->next());
            if (!delivery) co_return Result<void>{};
            std::string line = *delivery ? to_json(**delivery) : wire::refusal(delivery->error());
            if (auto written = co_await responder.write(line += '\n'); !written) co_return written;
            if (!*delivery) co_return co_await responder.finish();
        }
    }

    Task<Result<void>> call(HttpIncoming& request, HttpResponder& responder) {
        JsonDoc doc;
        const auto root = doc.parse(request.body);
        const Json wanted = root ? *root : Json{};
        auto result = co_await desk.call(std::string(wanted["operation"].string_or("")),
                                         std::string(wanted["arguments"].string_or("")));
        if (!result) co_return co_await refuse(responder, result.error());
        co_return co_await respond(responder, 200, std::move(*result));
    }

    Env env;
    Desk& desk;
    ControlServerOptions options;
    HttpServer server;
};

ControlServer::ControlServer(Env env, std::unique_ptr<Listener> listener, Desk& desk, ControlServerOptions options)
    : impl_(std::make_unique<Impl>(env, std::move(listener), desk, std::move(options))) {}
ControlServer::~ControlServer() = default;

}  // namespace evenkeel

#include "frontends/http/webhook_courier.hpp"

#include <charconv>
#include <utility>

#include "core/json_writer.hpp"
#include "core/text.hpp"
#include "frontends/http/durable.hpp"
#include "frontends/http/responses_request.hpp"
#include "frontends/http/webhook_signature.hpp"
#include "net/http_client.hpp"

namespace evenkeel {
namespace {

constexpr int gone_status = 410;
constexpr HttpClientLimits reply_limits{.head_bytes_max = 16 * 1024, .body_bytes_max = 64 * 1024, .idle_max = 0};

std::int64_t seconds_of(WallTime when) { return std::chrono::duration_cast<Seconds>(when.time_since_epoch()).count(); }

std::string_view type_of(const Delivery& delivery, bool response) {
    if (delivery.kind != Delivery::Kind::answer) return response ? "response.failed" : "chat.completion.failed";
    const bool whole = delivery.answer && (delivery.answer->finish == FinishReason::stop ||
                                           delivery.answer->finish == FinishReason::tool_calls);
    if (!response) return "chat.completion.completed";
    return whole ? "response.completed" : "response.incomplete";
}

}  // namespace

std::optional<WebhookTarget> webhook_target(std::string_view url) {
    const bool tls = url.starts_with("https://");
    if (!tls && !url.starts_with("http://")) return std::nullopt;
    url.remove_prefix(tls ? 8 : 7);
    const std::size_t slash = url.find('/');
    std::string_view host = url.substr(0, slash);
    WebhookTarget target{.place = {.port = static_cast<std::uint16_t>(tls ? 443 : 80), .tls = tls},
                         .target = slash == std::string_view::npos ? "/" : std::string(url.substr(slash))};
    const std::size_t bracket = host.starts_with('[') ? host.find(']') : 0;
    if (bracket == std::string_view::npos) return std::nullopt;
    if (const std::size_t colon = host.find(':', bracket); colon != std::string_view::npos) {
        const std::string_view port = host.substr(colon + 1);
        const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), target.place.port);
        if (error != std::errc{} || end != port.data() + port.size() || target.place.port == 0) return std::nullopt;
        host = host.substr(0, colon);
    }
    if (host.starts_with('[')) host = host.substr(1, bracket - 1);
    const auto odd = [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == '@' || c == '\\' || c == '#'; };
    if (host.empty() || std::ranges::any_of(host, odd) || std::ranges::any_of(target.target, odd)) return std::nullopt;
    target.place.host = host;
    return target;
}

std::string webhook_id(const Id& id) { return "evt_" + hex_of(id); }

std::string webhook_body(const Delivery& delivery, std::string_view surface) {
    const bool response = surface == "responses";
    std::string body;
    JsonWriter json(body);
    json.object().member("id", webhook_id(delivery.id)).member("object", "event");
    json.member("created_at", seconds_of(delivery.ended_at)).member("type", type_of(delivery, response));
    json.name("data").object();
    json.member("id", (response ? "resp_" : "chatcmpl-") + hex_of(delivery.id)).end_object().end_object();
    return body;
}

WebhookCourier::WebhookCourier(Env env, Network& network, Desk& desk, Calls& calls, WebhookRules rules,
                               WebhookLimits limits)
    : env_(env),
      network_(network),
      desk_(desk),
      calls_(calls),
      rules_(std::move(rules)),
      limits_(limits),
      freed_(env.scheduler),
      tasks_(env.scheduler) {
    tasks_.spawn(run(*this));
}

void WebhookCourier::note(std::string_view name, const Delivery& delivery, std::string detail) {
    env_.notes.note({.severity = Severity::warning,
                     .name = std::string(name),
                     .subject = to_string(delivery.id),
                     .detail = std::move(detail)});
}

Task<void> WebhookCourier::run(WebhookCourier& self) {
    auto stream = co_await self.desk_.deliveries(std::string(webhook_frontend), "");
    if (!stream) co_return;
    for (;;) {
        while (self.in_hand_.size() >= self.limits_.in_hand_max) co_await self.freed_.wait();
        auto delivery = co_await (*stream)->next();
        if (!delivery && delivery.error().code == "owner_gone") co_return;
        if (!delivery) {
            // The store says no for now; its own alarm tells the operator.
            co_await sleep_for(self.env_.scheduler, webhook_backoff(1));
            continue;
        }
        // The outbox offers again what nobody has called shown for a while, also what is in hand here.
        if (!self.in_hand_.emplace(delivery->id, 0).second) continue;
        self.tasks_.spawn(carry(self, std::move(*delivery)));
    }
}

Task<void> WebhookCourier::carry(WebhookCourier& self, Delivery delivery) {
    const Id id = delivery.id;
    for (;;) {
        while (self.sending_ >= self.limits_.sending_max) co_await self.freed_.wait();
        ++self.sending_;
        const Outcome outcome = co_await self.tell(delivery);
        --self.sending_;
        self.freed_.pulse();
        const bool late = self.env_.wall() - delivery.ended_at > self.limits_.give_up_after;
        if (outcome == Outcome::again && !late) {
            const std::size_t failures = ++self.in_hand_[id];
            co_await sleep_for(self.env_.scheduler, webhook_backoff(failures));
            continue;
        }
        if (outcome == Outcome::again)
            self.note("webhook.given_up", delivery,
                      "nobody took it within " + spoken_duration(self.limits_.give_up_after));
        // If the store cannot keep that, it is told once more later: at least once.
        (void)co_await self.desk_.shown(id);
        break;
    }
    self.in_hand_.erase(id);
    self.freed_.pulse();
}

Task<WebhookCourier::Outcome> WebhookCourier::tell(const Delivery& delivery) {
    const auto call = co_await calls_.record(delivery.principal, delivery.id);
    if (!call) co_return call.error().code == "not_found" ? Outcome::never : Outcome::again;
    const DurableRecord record = durable_record(call->record);
    auto target = webhook_target(record.webhook);
    const auto verdict = rules_.verdict(delivery.principal, record.webhook);
    if (!target || verdict == WebhookRules::Verdict::refused) {
        note("webhook.refused", delivery, "its key does not allow that address any more");
        co_return Outcome::never;
    }
    target->place.public_only = verdict == WebhookRules::Verdict::public_only;
    const auto status = co_await send(*target, delivery, webhook_body(delivery, record.surface));
    if (status && *status >= 200 && *status <= 299) co_return Outcome::told;
    if (status && *status == gone_status) {
        note("webhook.given_up", delivery, "the other side answered 410: it wants no more of it");
        co_return Outcome::never;
    }
    note("webhook.failed", delivery,
         status ? "the other side answered " + std::to_string(*status) : describe(status.error()));
    co_return Outcome::again;
}

Task<Result<int>> WebhookCourier::send(const WebhookTarget& target, const Delivery& delivery, std::string body) {
    const auto client = make_http_client(env_, network_, target.place, reply_limits);
    const auto key = rules_.key(delivery.principal);
    const std::int64_t now = seconds_of(env_.wall());
    const std::string id = webhook_id(delivery.id);
    HttpRequest request{.method = "POST",
                        .target = target.target,
                        .headers = {{"Content-Type", "application/json"},
                                    {"User-Agent", "evenkeel/" EVENKEEL_VERSION},
                                    {"webhook-id", id},
                                    {"webhook-timestamp", std::to_string(now)},
                                    {"webhook-signature", webhook_signature(key, id, now, body)}},
                        .body = std::move(body),
                        .pieces = {}};
    auto reply = co_await until(env_.scheduler, env_.now() + limits_.reply_timeout, client->send(std::move(request)));
    if (!reply) co_return provider_fault(ErrorClass::silent, Scope::provider, "no reply in time", "timeout");
    if (!*reply) co_return fail((*reply).error());
    co_return (**reply)->status();
}

}  // namespace evenkeel

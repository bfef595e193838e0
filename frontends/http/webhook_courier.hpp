#pragma once
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "chat/calls.hpp"
#include "core/async.hpp"
#include "core/env.hpp"
#include "frontends/http/webhook_rules.hpp"
#include "net/connection.hpp"

namespace evenkeel {

/// Where a call-back goes, and what is asked for there.
struct WebhookTarget {
    Endpoint place;
    std::string target;  ///< Path and query.
};
/// "http://host[:port]/path" or https; nothing for anything else.
std::optional<WebhookTarget> webhook_target(std::string_view url);

struct WebhookLimits {
    std::size_t in_hand_max = 256;  ///< Call-backs being sent or waiting for their next try; others stay in the store.
    std::size_t sending_max = 16;   ///< At the same time.
    Millis reply_timeout{10'000};   ///< From the first byte sent to the status of the reply.
    Millis give_up_after{24 * 3'600'000};  ///< From the end of the call; then the operator is told.
};

/// Tells the ends of calls to the addresses that their callers named, signed as Standard Webhooks says, until somebody
/// there answers 2xx: at least once, with the same webhook-id each time, also through a crash, since it is the outbox
/// that remembers. A redirect is a failure; 410 ends it. Everything outlives it. One loop.
class WebhookCourier {
public:
    WebhookCourier(Env env, Network& network, Desk& desk, Calls& calls, WebhookRules rules, WebhookLimits limits = {});
    WebhookCourier(const WebhookCourier&) = delete;
    WebhookCourier& operator=(const WebhookCourier&) = delete;

    const WebhookRules& rules() const noexcept { return rules_; }

private:
    enum class Outcome : std::uint8_t { told, again, never };
    static Task<void> run(WebhookCourier& self);
    static Task<void> carry(WebhookCourier& self, Delivery delivery);
    Task<Outcome> tell(const Delivery& delivery);
    Task<Result<int>> send(const WebhookTarget& target, const Delivery& delivery, std::string body);
    void note(std::string_view name, const Delivery& delivery, std::string detail);

    Env env_;
    Network& network_;
    Desk& desk_;
    Calls& calls_;
    WebhookRules rules_;
    WebhookLimits limits_;
    std::map<Id, std::size_t> in_hand_;  ///< With their failures so far.
    std::size_t sending_ = 0;
    Event freed_;
    TaskGroup tasks_;
};

/// The body of a call-back: {"id","object":"event","created_at","type","data":{"id"}}, as the official SDKs read it.
std::string webhook_body(const Delivery& delivery, std::string_view surface);
/// "evt_…": the same for every try.
std::string webhook_id(const Id& id);

}  // namespace evenkeel

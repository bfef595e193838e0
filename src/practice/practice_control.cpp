#include "practice/practice_control.hpp"

#include <charconv>

#include "core/json.hpp"
#include "core/json_writer.hpp"

namespace evenkeel::practice {
namespace {

using Providers = std::span<PracticeProvider* const>;

Steering json_reply(int status, std::string body) {
    return {{status, {{"Content-Type", "application/json"}}, std::move(body)}, {}};
}
Steering refusal(int status, std::string_view why) {
    std::string body;
    JsonWriter(body).object().member("error", why).end_object();
    return json_reply(status, std::move(body));
}

/// The value of one parameter of a query; values need no escapes here.
std::string_view parameter(std::string_view query, std::string_view name) {
    while (!query.empty()) {
        const auto end = query.find('&');
        const auto pair = query.substr(0, end);
        query.remove_prefix(end == query.npos ? query.size() : end + 1);
        const auto equals = pair.find('=');
        if (equals != pair.npos && pair.substr(0, equals) == name) return pair.substr(equals + 1);
    }
    return {};
}

PracticeProvider* find(Providers providers, std::string_view name) {
    if (name.empty() && providers.size() == 1) return providers.front();
    for (PracticeProvider* provider : providers)
        if (provider->options().name == name) return provider;
    return nullptr;
}

Steering state(Providers providers) {
    std::string body;
    JsonWriter json(body);
    json.object().name("providers").array();
    for (const PracticeProvider* provider : providers) {
        const auto& options = provider->options();
        json.object().member("name", options.name).member("kind", to_string(options.kind));
        json.member("base_url", provider->base_url()).member("behaviour", to_string(provider->present()));
        json.member("requests", provider->log().total()).end_object();
    }
    json.end_array().end_object();
    return json_reply(200, std::move(body));
}

Steering log(Providers providers, std::string_view query) {
    const auto* provider = find(providers, parameter(query, "provider"));
    if (!provider) return refusal(404, "no such provider");
    std::uint64_t after = 0;
    const auto text = parameter(query, "after");
    std::from_chars(text.data(), text.data() + text.size(), after);
    return json_reply(200, provider->log().to_json(after));
}

Steering fault(Providers providers, std::string_view body) {
    JsonDoc doc;
    const auto root = doc.parse(body);
    if (!root) return refusal(400, "the body is not JSON");
    const auto behaviour = parse_behaviour((*root)["behaviour"].string_or(""));
    if (!behaviour) return refusal(400, "unknown behaviour");
    const auto times = (*root)["times"].integer_or(0);
    if (times < 0 || times > 1'000'000) return refusal(400, "times is out of range");
    std::vector<PracticeProvider*> chosen(providers.begin(), providers.end());
    if (const auto name = (*root)["provider"].string()) chosen = {find(providers, *name)};
    if (chosen.empty() || !chosen.front()) return refusal(404, "no such provider");
    Steering steering = json_reply(200, R"({"ok":true})");
    steering.obey = [chosen, times, behaviour, model = std::string((*root)["model"].string_or(""))] {
        for (PracticeProvider* provider : chosen)
            times > 0 ? provider->next(static_cast<std::uint32_t>(times), *behaviour, model)
                      : provider->always(*behaviour, model);
    };
    return steering;
}

}  // namespace

Steering steer(Providers providers, const HttpIncoming& request) {
    const auto what = std::string_view(request.path).substr(control_prefix.size());
    if (request.method == "GET" && what == "state") return state(providers);
    if (request.method == "GET" && what == "log") return log(providers, request.query);
    if (request.method == "POST" && what == "fault") return fault(providers, request.body);
    return refusal(404, "try GET state, GET log or POST fault");
}

}  // namespace evenkeel::practice

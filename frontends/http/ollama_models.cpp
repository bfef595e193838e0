#include "frontends/http/ollama_models.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <utility>

#include "core/json.hpp"
#include "core/json_writer.hpp"
#include "frontends/http/endpoints.hpp"

namespace evenkeel {
namespace {

constexpr std::string_view latest = ":latest";
/// Nobody reads when a model was made; clients only demand a date that can be parsed.
constexpr std::string_view some_date = "1970-01-01T00:00:00Z";
/// There is no file here; clients take a model of no size for none.
constexpr int some_size = 1;
constexpr std::size_t name_shown_max = 200;

/// 64 hex digits that stay the same for a name and differ between names: clients tell models apart by them. There is
/// no file whose digest they could be.
std::string digest_of(std::string_view name) {
    constexpr std::string_view digits = "0123456789abcdef";
    constexpr std::uint64_t fnv_start = 0xcbf29ce484222325, fnv_prime = 0x100000001b3;
    std::string digest;
    std::uint64_t hash = fnv_start;
    for (int part = 0; part < 4; ++part) {
        for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * fnv_prime;
        hash = (hash ^ static_cast<std::uint64_t>(part)) * fnv_prime;
        for (int shift = 60; shift >= 0; shift -= 4) digest += digits[hash >> shift & 0xf];
    }
    return digest;
}

/// What only a file could tell is empty.
void write_details(JsonWriter& json) {
    json.name("details").object().member("parent_model", "").member("format", "").member("family", "");
    json.name("families").array().end_array().member("parameter_size", "").member("quantization_level", "");
    json.end_object();
}

/// Ollama names where a model runs that is not on its machine; its clients then show no size.
void write_remote(JsonWriter& json, const ListedModel& model) {
    json.member("remote_model", std::string_view(model.id)).member("remote_host", std::string_view(model.owner));
}

/// A chat template that no model may have, or tools that it cannot use, are for the provider to refuse.
void write_capabilities(JsonWriter& json) {
    json.name("capabilities").array().value("completion").value("tools").end_array();
}

std::unexpected<Error> not_found(std::string_view name) {
    return caller_fault("model '" + std::string(name.substr(0, name_shown_max)) + "' not found", "model_not_found",
                        ErrorClass::model_gone);
}

/// The window of the provider that a model belongs to; of the first one for names that stand for any.
std::int64_t context_of(const ModelDirectory& models, const ListedModel& model) {
    for (const auto& upstream : models.upstreams())
        if (upstream->identity().name == model.owner) return upstream->identity().context_tokens;
    return models.upstreams().empty() ? 0 : models.upstreams().front()->identity().context_tokens;
}

std::optional<ListedModel> find_listed(const ModelDirectory& models, std::string_view name) {
    if (auto model = models.find(name)) return model;
    if (name.ends_with(latest)) return models.find(name.substr(0, name.size() - latest.size()));
    return models.find(std::string(name) + std::string(latest));
}

/// The model that a body of `/api/show` names: `model`, or `name` as older clients have it.
Result<std::string> model_named_in(std::string_view body) {
    JsonDoc document;
    const auto root = document.parse(body);
    if (!root || !root->is_object()) return caller_fault("the body must be a JSON object", "invalid_json");
    const Json name = (*root)["model"].is_nothing() ? (*root)["name"] : (*root)["model"];
    if (name.string_or("").empty()) return caller_fault("model is required", "missing_field");
    return std::string(*name.string());
}

}  // namespace

Result<ModelChoice> choose_ollama_model(const ModelDirectory& models, std::string_view asked) {
    const bool tagged = asked.ends_with(latest);
    if (tagged && !models.is_listed(asked))
        if (auto choice = models.choose(asked.substr(0, asked.size() - latest.size()))) return choice;
    if (auto choice = models.choose(asked)) return choice;
    if (!tagged)
        if (auto choice = models.choose(std::string(asked) + std::string(latest))) return choice;
    return not_found(asked);
}

Task<void> serve_ollama_tags(Gateway& gateway, Exchange& exchange) {
    std::string body;
    JsonWriter json(body);
    json.object().name("models").array();
    for (const ListedModel& model : gateway.models().list()) {
        json.object().member("name", std::string_view(model.id)).member("model", std::string_view(model.id));
        write_remote(json, model);
        json.member("modified_at", some_date).member("size", some_size);
        json.member("digest", std::string_view(digest_of(model.id)));
        write_details(json);
        write_capabilities(json);
        json.end_object();
    }
    json.end_array().end_object();
    (void)co_await exchange.answer_json(200, body);
}

Task<void> serve_ollama_show(Gateway& gateway, Exchange& exchange) {
    auto name = model_named_in(exchange.request.body);
    if (!name) {
        (void)co_await exchange.refuse(std::move(name.error()));
        co_return;
    }
    const auto model = find_listed(gateway.models(), *name);
    if (!model) {
        (void)co_await exchange.refuse(not_found(*name).error());
        co_return;
    }
    std::string body;
    JsonWriter json(body);
    json.object().member("license", "").member("modelfile", "").member("parameters", "").member("template", "");
    write_details(json);
    json.name("model_info").object().member("general.architecture", "evenkeel");
    json.member("general.basename", std::string_view(model->id));
    json.member("evenkeel.context_length", context_of(gateway.models(), *model)).end_object();
    write_capabilities(json);
    write_remote(json, *model);
    json.member("modified_at", some_date).end_object();
    (void)co_await exchange.answer_json(200, body);
}

/// Which models lie in memory is known to the servers behind, and to each its own; here none does.
Task<void> serve_ollama_ps(Gateway&, Exchange& exchange) {
    (void)co_await exchange.answer_json(200, R"({"models":[]})");
}

}  // namespace evenkeel

#include "core/json_writer.hpp"
#include "frontends/http/endpoints.hpp"

namespace evenkeel {
namespace {

void write_model(JsonWriter& json, const ListedModel& model) {
    // Nobody reads when a model was made; clients only demand the member.
    json.object().member("id", std::string_view(model.id)).member("object", "model").member("created", 0);
    json.member("owned_by", std::string_view(model.owner)).end_object();
}

}  // namespace

Task<void> serve_models(Gateway& gateway, Exchange& exchange) {
    std::string body;
    JsonWriter json(body);
    json.object().member("object", "list").name("data").array();
    for (const ListedModel& model : gateway.models().list()) write_model(json, model);
    json.end_array().end_object();
    (void)co_await exchange.answer_json(200, body);
}

Task<void> serve_model(Gateway& gateway, Exchange& exchange) {
    const std::string_view id = std::string_view(exchange.request.path).substr(std::string_view("/v1/models/").size());
    const auto model = gateway.models().find(id);
    if (!model) {
        (void)co_await exchange.refuse(caller_fault("The model '" + std::string(id.substr(0, 200)) +
                                                        "' does not exist here; GET /v1/models lists those that do.",
                                                    "model_not_found", ErrorClass::model_gone)
                                           .error());
        co_return;
    }
    std::string body;
    JsonWriter json(body);
    write_model(json, *model);
    (void)co_await exchange.answer_json(200, body);
}

}  // namespace evenkeel

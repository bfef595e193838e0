#include "control/wire.hpp"

#include "chat/turn_json.hpp"
#include "core/json.hpp"
#include "core/json_writer.hpp"

namespace evenkeel::wire {

std::string refusal(const Error& error) {
    std::string out;
    JsonWriter json(out);
    json.object().name("error").object();
    write_error(json, error);
    json.end_object().end_object();
    return out;
}

std::optional<Error> refusal_in(std::string_view text) {
    JsonDoc doc;
    const auto root = doc.parse(text);
    // An event may hold an error too, but never as its only member.
    if (!root || root->size() != 1 || !(*root)["error"].is_object()) return std::nullopt;
    return read_error((*root)["error"]);
}

std::unexpected<Error> protocol_fault(std::string_view what) {
    return own_fault(ErrorClass::internal, "the control socket carried " + std::string(what), "control_protocol");
}

}  // namespace evenkeel::wire

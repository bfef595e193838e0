#pragma once
#include <string>
#include <string_view>

#include "chat/desk.hpp"
#include "core/json.hpp"
#include "core/json_writer.hpp"

namespace evenkeel {

// What travels over the control socket and what `--json` prints, both ways. Times of day are Unix milliseconds, spans
// are milliseconds, ids are text. Readers take what older and newer writers send: a missing member is its default, an
// unknown one is passed over. Errors of all readers: request "invalid_json".
//
//  answer    content provider model degraded finish_reason tokens{input,output,estimated} latency_ms
//  first_token_ms|null
//            cost_usd|null turns_left_out attempts[attempt]
//  attempt   provider model outcome class|null ms, and where known: error{…} first_token_ms tokens{…} cost_usd
//            turns_left_out probe
//  error     class origin scope status code retry_after_ms|null detail
//  event     event (TurnEvent's word) id text position eta_ms|null practice, and where there is one: answer{…} error{…}
//  delivery  id kind frontend principal conversation question asked_at ended_at text, and: answer{…}
//  inbound   frontend principal user conversation idempotency_key text model private ttl_ms

/// The members of an answer into an object that is open.
void write_answer(JsonWriter& json, const Answer& answer);
Answer read_answer(Json json);
void write_error(JsonWriter& json, const Error& error);
Error read_error(Json json);

std::string to_json(const TurnEvent& event);
Result<TurnEvent> turn_event_from_json(std::string_view text);
std::string to_json(const Delivery& delivery);
Result<Delivery> delivery_from_json(std::string_view text);
std::string to_json(const Inbound& message);
Result<Inbound> inbound_from_json(std::string_view text);

/// What `ask --json` prints: `id conversation`, the answer's members, `practice`.
std::string answer_json(const Id& id, std::string_view conversation, const Answer& answer, bool practice);

}  // namespace evenkeel

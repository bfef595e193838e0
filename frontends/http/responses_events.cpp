#include "frontends/http/responses_events.hpp"

#include <algorithm>
#include <utility>

#include "frontends/http/responses_request.hpp"

namespace evenkeel {

ResponseEvents::ResponseEvents(ResponseView head, bool background, std::int64_t behind)
    : head_(head), background_(background), behind_(behind), items_(head.id) {}

void ResponseEvents::event(std::string_view type, std::string_view members, std::string& out) {
    const std::int64_t number = next_++;
    if (number <= behind_) return;
    out += "event: ";
    out += type;
    out += "\ndata: {\"type\":\"";
    out += type;
    out += "\",\"sequence_number\":" + std::to_string(number);
    if (!members.empty()) out += ',';
    out += members;
    out += "}\n\n";
}

void ResponseEvents::snapshot(std::string_view type, const ResponseView& view, std::string& out) {
    event(type, R"("response":)" + response_json(view), out);
}

void ResponseEvents::begin(std::string& out) {
    ResponseView first = head_;
    first.answer = nullptr;
    first.ended_at.reset();
    first.status = background_ ? ResponseStatus::queued : ResponseStatus::in_progress;
    head_ = first;
    snapshot("response.created", first, out);
    if (background_) snapshot("response.queued", first, out);
}

void ResponseEvents::in_progress(std::string& out) {
    if (std::exchange(working_, true)) return;
    head_.status = ResponseStatus::in_progress;
    snapshot("response.in_progress", head_, out);
}

bool ResponseEvents::turn_to(std::int64_t beginning) {
    if (spoke_) return beginning == beginning_;
    spoke_ = true;
    beginning_ = beginning;
    // What comes before the first piece is the same for every beginning.
    if (behind_ >= next_ && behind_ / numbers_per_beginning != beginning) return false;
    if (beginning > 0) next_ += beginning * numbers_per_beginning;
    return true;
}

std::string ResponseEvents::place(std::size_t index, bool with_content) const {
    std::string members = R"("item_id":")" + items_.all()[index].id + R"(","output_index":)" + std::to_string(index);
    if (with_content) members += R"(,"content_index":0)";
    return members;
}

void ResponseEvents::open_item(std::size_t index, std::string& out) {
    const OutputItem& item = items_.all()[index];
    std::string members = R"("output_index":)" + std::to_string(index) + R"(,"item":)";
    JsonWriter json(members);
    write_output_item(json, item, false);
    event("response.output_item.added", members, out);
    if (item.kind == AnswerPiece::Kind::content)
        event("response.content_part.added",
              place(index, true) + R"(,"part":{"type":"output_text","text":"","annotations":[],"logprobs":[]})", out);
    if (item.kind == AnswerPiece::Kind::reasoning)
        event("response.content_part.added", place(index, true) + R"(,"part":{"type":"reasoning_text","text":""})",
              out);
    open_.resize(index + 1, false);
    open_[index] = true;
}

void ResponseEvents::delta(std::size_t index, std::string_view text, std::string& out) {
    if (text.empty()) return;
    const AnswerPiece::Kind kind = items_.all()[index].kind;
    std::string members = place(index, kind != AnswerPiece::Kind::tool_call) + R"(,"delta":)";
    append_json_string(members, text);
    if (kind == AnswerPiece::Kind::content) members += R"(,"logprobs":[])";
    event(kind == AnswerPiece::Kind::content     ? "response.output_text.delta"
          : kind == AnswerPiece::Kind::reasoning ? "response.reasoning_text.delta"
                                                 : "response.function_call_arguments.delta",
          members, out);
}

void ResponseEvents::close_item(std::size_t index, std::string& out) {
    if (!open_[index]) return;
    open_[index] = false;
    const OutputItem& item = items_.all()[index];
    std::string text;
    append_json_string(text, item.text);
    switch (item.kind) {
        case AnswerPiece::Kind::content:
            event("response.output_text.done", place(index, true) + R"(,"text":)" + text + R"(,"logprobs":[])", out);
            event("response.content_part.done",
                  place(index, true) + R"(,"part":{"type":"output_text","text":)" + text +
                      R"(,"annotations":[],"logprobs":[]})",
                  out);
            break;
        case AnswerPiece::Kind::reasoning:
            event("response.reasoning_text.done", place(index, true) + R"(,"text":)" + text, out);
            event("response.content_part.done",
                  place(index, true) + R"(,"part":{"type":"reasoning_text","text":)" + text + "}", out);
            break;
        case AnswerPiece::Kind::tool_call: {
            std::string name;
            append_json_string(name, item.name);
            event("response.function_call_arguments.done",
                  place(index, false) + R"(,"name":)" + name + R"(,"arguments":)" + text, out);
            break;
        }
    }
    std::string members = R"("output_index":)" + std::to_string(index) + R"(,"item":)";
    JsonWriter json(members);
    write_output_item(json, item, true);
    event("response.output_item.done", members, out);
}

bool ResponseEvents::pieces(std::int64_t beginning, const std::vector<AnswerPiece>& pieces, std::string& out) {
    in_progress(out);
    if (!turn_to(beginning)) return false;
    for (const AnswerPiece& piece : pieces) {
        bool begun = false;
        const std::size_t index = items_.add(piece, begun);
        // A tool's call stays open, since its fragments may come mixed with those of another.
        if (begun && index > 0 && items_.all()[index - 1].kind != AnswerPiece::Kind::tool_call)
            close_item(index - 1, out);
        if (begun) open_item(index, out);
        delta(index, piece.text, out);
    }
    return true;
}

bool ResponseEvents::end(const ResponseView& view, std::string& out) {
    const bool answered = view.status == ResponseStatus::completed || view.status == ResponseStatus::incomplete;
    if (answered) {
        in_progress(out);
        for (std::size_t i = 0; i < open_.size(); ++i) close_item(i, out);
        if (behind_ > next_) return false;
    }
    // Whatever he saw of an answer that came to nothing, this he has yet to hear.
    if (!answered) next_ = std::max(next_, behind_ + 1);
    switch (view.status) {
        case ResponseStatus::completed: snapshot("response.completed", view, out); break;
        case ResponseStatus::incomplete: snapshot("response.incomplete", view, out); break;
        default: snapshot("response.failed", view, out); break;
    }
    return true;
}

void ResponseEvents::error(std::string_view code, std::string_view message, std::string& out) {
    std::string fields;
    const auto text = [&fields](std::string_view name, std::string_view value) {
        fields += R"(")" + std::string(name) + R"(":)";
        append_json_string(fields, value);
        fields += ',';
    };
    text("code", code);
    text("message", message);
    fields += R"("param":null)";
    behind_ = -1;
    event("error", fields + R"(,"error":{"type":"server_error",)" + fields + "}", out);
}

void ResponseEvents::lost(std::string& out) {
    error("stream_position_lost",
          "The answer was begun anew since you read it; fetch the whole by GET /v1/responses/resp_" + hex_of(head_.id) +
              ".",
          out);
}

}  // namespace evenkeel

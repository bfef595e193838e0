#include "chat/transcript.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>

#include "core/json.hpp"
#include "core/json_writer.hpp"

namespace evenkeel {
namespace {

constexpr char content_mark = 'c', reasoning_mark = 'r', call_mark = 't';

/// Takes a number from the front of `text`; nothing where there is none.
std::optional<std::int64_t> take_number(std::string_view& text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || number < 0) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return number;
}

bool take_char(std::string_view& text, char wanted) {
    if (!text.starts_with(wanted)) return false;
    text.remove_prefix(1);
    return true;
}

void write_call(JsonWriter& json, const ToolCall& call) {
    json.object().member("id", call.id).member("type", "function").name("function").object();
    json.member("name", call.name).member("arguments", call.arguments).end_object().end_object();
}

}  // namespace

void Transcript::take(const ReplyEvent& event) {
    using Kind = ReplyEvent::Kind;
    if (event.kind == Kind::content || event.kind == Kind::reasoning) {
        const bool content = event.kind == Kind::content;
        std::string& text = content ? text_ : reasoning_;
        add(content ? AnswerPiece::Kind::content : AnswerPiece::Kind::reasoning, 0, text.size(), event.text.size());
        text += event.text;
    }
    if (event.kind != Kind::tool_call) return;
    std::vector<std::size_t> before;
    for (const ToolCall& call : calls_.all()) before.push_back(call.arguments.size());
    calls_.take(event.text);
    for (std::size_t i = 0; i < calls_.all().size(); ++i) {
        const std::size_t had = i < before.size() ? before[i] : 0;
        const std::size_t has = calls_.all()[i].arguments.size();
        if (i >= before.size() || has > had)
            add(AnswerPiece::Kind::tool_call, static_cast<std::uint32_t>(i), had, has - had);
    }
}

void Transcript::add(AnswerPiece::Kind kind, std::uint32_t call, std::size_t from, std::size_t bytes) {
    bytes_ += bytes;
    const bool first = kind == AnswerPiece::Kind::tool_call && from == 0 &&
                       std::ranges::none_of(pieces_, [call](const Border& border) {
                           return border.kind == AnswerPiece::Kind::tool_call && border.call == call;
                       });
    if (pieces_.size() >= pieces_max && !first) {
        for (auto last = pieces_.rbegin(); last != pieces_.rend(); ++last)
            if (last->kind == kind && last->call == call) {
                last->bytes += static_cast<std::uint32_t>(bytes);
                return;
            }
    }
    pieces_.push_back({.kind = kind,
                       .first = first,
                       .call = call,
                       .from = static_cast<std::uint32_t>(from),
                       .bytes = static_cast<std::uint32_t>(bytes)});
}

AnswerPiece Transcript::at(std::size_t index) const {
    const Border& border = pieces_[index];
    AnswerPiece piece{.kind = border.kind, .call = border.call};
    const auto part = [&border](const std::string& text) { return text.substr(border.from, border.bytes); };
    switch (border.kind) {
        case AnswerPiece::Kind::content: piece.text = part(text_); break;
        case AnswerPiece::Kind::reasoning: piece.text = part(reasoning_); break;
        case AnswerPiece::Kind::tool_call: {
            const ToolCall& call = calls_.all()[border.call];
            piece.text = part(call.arguments);
            if (border.first) {
                piece.id = call.id;
                piece.name = call.name;
            }
            break;
        }
    }
    return piece;
}

void Transcript::keep_in(Answer& answer) const {
    answer.text = text_;
    answer.reasoning = reasoning_;
    answer.tool_calls = tool_calls_json(calls_.all());
    answer.pieces = std::to_string(beginning_) + ';';
    for (const Border& border : pieces_) {
        switch (border.kind) {
            case AnswerPiece::Kind::content: answer.pieces += content_mark; break;
            case AnswerPiece::Kind::reasoning: answer.pieces += reasoning_mark; break;
            case AnswerPiece::Kind::tool_call: answer.pieces += call_mark + std::to_string(border.call) + ':'; break;
        }
        answer.pieces += std::to_string(border.bytes);
    }
}

bool Transcript::read_pieces(std::string_view pieces) {
    const auto beginning = take_number(pieces);
    if (!beginning || !take_char(pieces, ';')) return false;
    beginning_ = *beginning;
    std::size_t text = 0, reasoning = 0;
    std::vector<std::size_t> arguments(calls_.all().size());
    while (!pieces.empty()) {
        const char mark = pieces.front();
        pieces.remove_prefix(1);
        std::optional<std::int64_t> call = 0;
        if (mark == call_mark && (!(call = take_number(pieces)) || !take_char(pieces, ':'))) return false;
        const auto bytes = take_number(pieces);
        if (!bytes || static_cast<std::size_t>(*call) >= std::max<std::size_t>(arguments.size(), 1)) return false;
        if (mark == call_mark && arguments.empty()) return false;
        std::size_t& at = mark == content_mark     ? text
                          : mark == reasoning_mark ? reasoning
                                                   : arguments[static_cast<std::size_t>(*call)];
        const auto kind = mark == content_mark     ? AnswerPiece::Kind::content
                          : mark == reasoning_mark ? AnswerPiece::Kind::reasoning
                                                   : AnswerPiece::Kind::tool_call;
        if (mark != content_mark && mark != reasoning_mark && mark != call_mark) return false;
        add(kind, static_cast<std::uint32_t>(*call), at, static_cast<std::size_t>(*bytes));
        at += static_cast<std::size_t>(*bytes);
    }
    bool whole = text == text_.size() && reasoning == reasoning_.size();
    for (std::size_t i = 0; i < arguments.size(); ++i)
        whole = whole && arguments[i] == calls_.all()[i].arguments.size();
    return whole;
}

void Transcript::read_calls(std::string_view json) {
    if (json.empty()) return;
    JsonDoc document;
    if (const auto list = document.parse(json))
        for (const Json& call : list->elements()) calls_.take(call.to_text());
}

Transcript Transcript::of(const Answer& answer) {
    Transcript whole;
    const auto reached = std::ranges::count_if(
        answer.attempts, [](const Attempt& each) { return each.outcome != Attempt::Outcome::skipped; });
    whole.source = {.provider = answer.provider, .model = answer.model, .tries = static_cast<std::uint32_t>(reached)};
    whole.text_ = answer.text;
    whole.reasoning_ = answer.reasoning;
    whole.read_calls(answer.tool_calls);
    if (whole.read_pieces(answer.pieces)) return whole;
    whole.pieces_.clear();
    whole.bytes_ = 0;
    whole.beginning_ = 0;
    if (!whole.reasoning_.empty()) whole.add(AnswerPiece::Kind::reasoning, 0, 0, whole.reasoning_.size());
    if (!whole.text_.empty()) whole.add(AnswerPiece::Kind::content, 0, 0, whole.text_.size());
    for (std::size_t i = 0; i < whole.calls().size(); ++i)
        whole.add(AnswerPiece::Kind::tool_call, static_cast<std::uint32_t>(i), 0, whole.calls()[i].arguments.size());
    return whole;
}

std::string tool_calls_json(std::span<const ToolCall> calls) {
    if (calls.empty()) return {};
    std::string out;
    JsonWriter json(out);
    json.array();
    for (const ToolCall& call : calls) write_call(json, call);
    json.end_array();
    return out;
}

std::vector<ToolCall> tool_calls_from_json(std::string_view json) {
    if (json.empty()) return {};
    ToolCalls calls;
    JsonDoc document;
    if (const auto list = document.parse(json))
        for (const Json& call : list->elements()) calls.take(call.to_text());
    return calls.all();
}

}  // namespace evenkeel

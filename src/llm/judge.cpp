#include "llm/judge.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "core/text.hpp"
#include "llm/provider.hpp"

namespace evenkeel {
namespace {

/// The first row whose facts are all there (`with`) and none of the others (`without`) is the verdict.
struct Row {
    Facts with;
    Facts without;
    ErrorClass cls;
    Scope scope;
    std::string_view code;
    std::string_view sentence;
};

constexpr Facts content{Fact::text, Fact::tool_call};

constexpr std::array rows{
    Row{{Fact::html}, {}, ErrorClass::bad_answer, Scope::provider, "html", "answered with a web page"},
    Row{{Fact::broken},
        {Fact::body},
        ErrorClass::transient,
        Scope::provider,
        "cut",
        "closed without a byte of an answer"},
    Row{{}, {Fact::body}, ErrorClass::bad_answer, Scope::provider, "empty_body", "answered with an empty body"},
    Row{{Fact::failed},
        {},
        ErrorClass::transient,
        Scope::provider,
        "finish_error",
        "gave up in the middle of its answer"},
    Row{{Fact::endless},
        {},
        ErrorClass::bad_answer,
        Scope::model,
        endless_repeat_code,
        "says the same again and again"},
    Row{{Fact::garbled_call, Fact::finish},
        {},
        ErrorClass::bad_answer,
        Scope::model,
        "garbled_tool_call",
        "calls a tool with arguments that are no JSON"},
    Row{{Fact::filtered}, content, ErrorClass::policy, Scope::request, "content_filter", "its content filter refused"},
    Row{{Fact::text},
        {Fact::finish, Fact::broken, Fact::marker, Fact::document},
        ErrorClass::transient,
        Scope::provider,
        "cut",
        "the answer ended without a finish reason"},
    Row{{Fact::tool_call},
        {Fact::finish, Fact::broken, Fact::marker, Fact::document},
        ErrorClass::transient,
        Scope::provider,
        "cut",
        "the answer ended without a finish reason"},
    Row{{Fact::broken},
        {Fact::finish},
        ErrorClass::transient,
        Scope::provider,
        "cut",
        "the connection broke in the middle of the answer"},
    Row{{Fact::text},
        {Fact::finish},
        ErrorClass::bad_answer,
        Scope::provider,
        "no_finish",
        "says it is done, but gave no finish reason"},
    Row{{Fact::tool_call},
        {Fact::finish},
        ErrorClass::bad_answer,
        Scope::provider,
        "no_finish",
        "says it is done, but gave no finish reason"},
    Row{{},
        {Fact::reply},
        ErrorClass::bad_answer,
        Scope::provider,
        "not_an_answer",
        "answered with something that is no reply"},
    Row{{Fact::no_choices}, {}, ErrorClass::bad_answer, Scope::provider, "no_choices", "answered without any choice"},
    Row{{Fact::blank},
        content,
        ErrorClass::bad_answer,
        Scope::provider,
        "blank_answer",
        "answered with nothing but blanks"},
    Row{{Fact::reasoning, Fact::length},
        content,
        ErrorClass::bad_answer,
        Scope::provider,
        "reasoning_only",
        "thought until its token limit and never answered; a larger max_tokens may help"},
    Row{{Fact::reasoning, Fact::finish},
        content,
        ErrorClass::bad_answer,
        Scope::provider,
        "reasoning_only",
        "thought, but never answered"},
    Row{{Fact::finish}, content, ErrorClass::bad_answer, Scope::provider, "empty_answer", "answered with no text"},
    Row{{Fact::marker}, content, ErrorClass::bad_answer, Scope::provider, "empty_answer", "answered with no text"},
    Row{{Fact::document}, content, ErrorClass::bad_answer, Scope::provider, "empty_answer", "answered with no text"},
    Row{{}, content, ErrorClass::transient, Scope::provider, "cut", "the stream ended before the answer began"},
};

struct Word {
    std::string_view word;
    FinishWord means;
};
using Meaning = FinishWord::Meaning;
constexpr FinishWord finished(FinishReason reason) { return {.meaning = Meaning::finished, .reason = reason}; }

constexpr std::array words{
    Word{"", {}},
    Word{"stop", finished(FinishReason::stop)},
    Word{"end_turn", finished(FinishReason::stop)},
    Word{"stop_sequence", finished(FinishReason::stop)},
    Word{"eos", finished(FinishReason::stop)},
    Word{"eos_token", finished(FinishReason::stop)},
    Word{"complete", finished(FinishReason::stop)},
    Word{"length", finished(FinishReason::length)},
    Word{"max_tokens", finished(FinishReason::length)},
    Word{"model_context_window_exceeded", finished(FinishReason::length)},
    Word{"model_length", finished(FinishReason::length)},
    Word{"tool_calls", finished(FinishReason::tool_calls)},
    Word{"tool_use", finished(FinishReason::tool_calls)},
    Word{"function_call", finished(FinishReason::tool_calls)},
    Word{"content_filter", finished(FinishReason::content_filter)},
    Word{"refusal", finished(FinishReason::content_filter)},
    Word{"safety", finished(FinishReason::content_filter)},
    Word{"recitation", finished(FinishReason::content_filter)},
    Word{"prohibited_content", finished(FinishReason::content_filter)},
    Word{"blocklist", finished(FinishReason::content_filter)},
    Word{"sensitive", finished(FinishReason::content_filter)},
    Word{"error", {.meaning = Meaning::failed}},
    Word{"network_error", {.meaning = Meaning::failed}},
    Word{"malformed_function_call", {.meaning = Meaning::failed}},
};

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// Blanks and marks without width beyond ASCII (Unicode White_Space, and the joiners that providers really send alone).
constexpr std::array<std::string_view, 7> unseen{
    "\xC2\xA0",      // no-break space
    "\xE2\x80\xA8",  // line separator
    "\xE2\x80\xA9",  // paragraph separator
    "\xE2\x80\xAF",  // narrow no-break space
    "\xE2\x81\xA0",  // word joiner
    "\xE3\x80\x80",  // ideographic space
    byte_order_mark,
};

/// U+2000 to U+200F: spaces of all widths, zero-width ones, direction marks.
bool is_unseen_in_2000(std::string_view text) noexcept {
    return text.size() >= 3 && text[0] == '\xE2' && text[1] == '\x80' && static_cast<unsigned char>(text[2]) <= 0x8F;
}

}  // namespace

std::optional<Error> judge(Facts facts) {
    const bool spoilt = facts.any_of({Fact::failed, Fact::endless, Fact::garbled_call});
    if (facts.has(Fact::finish) && facts.has_content() && !spoilt) return std::nullopt;
    const auto row = std::ranges::find_if(
        rows, [&](const Row& each) { return facts.all_of(each.with) && !facts.any_of(each.without); });
    Error error = provider_fault(row->cls, row->scope, std::string(row->sentence), std::string(row->code)).error();
    if (row->cls == ErrorClass::policy) error.origin = Origin::caller;
    return error;
}

FinishWord finish_word(std::string_view word) noexcept {
    const auto known =
        std::ranges::find_if(words, [&](const Word& each) { return equals_ignoring_case(each.word, word); });
    return known != words.end() ? known->means : FinishWord{.meaning = Meaning::unknown};
}

BodyKind sniff(std::string_view bytes) noexcept {
    if (byte_order_mark.starts_with(bytes)) return BodyKind::undecided;  // Nothing, or the mark cut in two.
    if (bytes.starts_with(byte_order_mark)) bytes.remove_prefix(byte_order_mark.size());
    bytes = trimmed(bytes);
    if (bytes.empty()) return BodyKind::undecided;
    if (bytes.front() == '{' || bytes.front() == '[') return BodyKind::document;
    return bytes.front() == '<' ? BodyKind::html : BodyKind::events;
}

bool has_visible_text(std::string_view text) noexcept {
    while (!(text = trimmed(text)).empty()) {
        const auto mark = std::ranges::find_if(unseen, [&](std::string_view each) { return text.starts_with(each); });
        if (mark != unseen.end())
            text.remove_prefix(mark->size());
        else if (is_unseen_in_2000(text))
            text.remove_prefix(3);
        else
            return true;
    }
    return false;
}

}  // namespace evenkeel

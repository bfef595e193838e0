#include "llm/reply_reader.hpp"

namespace evenkeel {

Result<Json> ReplyReader::parse(std::string_view json) {
    // What was parsed is read before anything else runs, so one parser with its memory serves all replies of a loop.
    thread_local JsonDoc document;
    auto root = document.parse(json);
    if (root) return root;
    const auto mended = with_stand_ins(json);
    if (!mended) return root;
    has_halves_ = true;
    return document.parse(*mended);
}

void ReplyReader::add_content(std::string_view text) {
    if (has_halves_)
        split(content_joiner_.feed(text));
    else
        split(text);
}

void ReplyReader::add_reasoning(std::string_view text) {
    if (has_halves_)
        add_thought(reasoning_joiner_.feed(text));
    else
        add_thought(text);
}

void ReplyReader::split(std::string_view text) {
    if (text.empty()) return;
    splitter_.feed(
        text, [this](std::string_view piece) { add_visible(piece); },
        [this](std::string_view piece) { add_thought(piece); });
}

void ReplyReader::flush_text() {
    split(content_joiner_.finish());
    add_thought(reasoning_joiner_.finish());
    splitter_.finish([this](std::string_view piece) { add_visible(piece); },
                     [this](std::string_view piece) { add_thought(piece); });
}

void ReplyReader::add_visible(std::string_view text) {
    facts_.set(facts_.has(Fact::text) || has_visible_text(text) ? Fact::text : Fact::blank);
    output_bytes_ += text.size();
    repeats_.feed(text);
    if (repeats_.is_endless()) facts_.set(Fact::endless);
    events_.add(ReplyEvent::Kind::content, text);
}

void ReplyReader::add_thought(std::string_view text) {
    if (text.empty()) return;
    facts_.set(Fact::reasoning);
    output_bytes_ += text.size();
    events_.add(ReplyEvent::Kind::reasoning, text);
}

void ReplyReader::add_tool_call(Json call) {
    const std::string json = call.to_text();
    facts_.set(Fact::tool_call);
    if (!arguments_) arguments_ = std::make_unique<ToolArguments>();
    arguments_->add(call);
    output_bytes_ += json.size();
    events_.add(ReplyEvent::Kind::tool_call, json);
}

void ReplyReader::add_usage(const Usage& usage) {
    usage_ = usage;
    events_.add_usage(usage);
}

void ReplyReader::add_finish(std::string_view word) {
    FinishWord means = finish_word(word);
    if (means.meaning == FinishWord::Meaning::running || facts_.has(Fact::finish)) return;
    flush_text();
    if (means.meaning == FinishWord::Meaning::failed) return facts_.set(Fact::failed);
    if (means.meaning == FinishWord::Meaning::unknown) odd_finish_ = word;
    // Some servers say "stop" although they call a tool.
    if (facts_.has(Fact::tool_call) && means.reason == FinishReason::stop) means.reason = FinishReason::tool_calls;
    facts_.set(Fact::finish);
    if (means.reason == FinishReason::content_filter) facts_.set(Fact::filtered);
    if (means.reason == FinishReason::length)
        facts_.set(Fact::length);
    else if (arguments_ && !arguments_->can_be_read())
        facts_.set(Fact::garbled_call);
    events_.add_finish(means.reason);
}

}  // namespace evenkeel

// What a provider says, in both dialects: how the bytes are split changes neither the text nor the verdict.
#include <memory>
#include <string>

#include "fuzz/fuzz.hpp"
#include "llm/judge.hpp"
#include "llm/reply_reader.hpp"

namespace evenkeel::fuzz {
namespace {

class Reading {
public:
    explicit Reading(std::unique_ptr<ReplyReader> reader) : reader_(std::move(reader)) {}
    bool take(std::string_view piece) { return tell(reader_->feed(piece)); }
    std::string transcript() {
        if (!broken_) (void)tell(reader_->finish());
        std::string all = "content " + content_ + "\nreasoning " + reasoning_ + "\ncalls " + calls_ + "\n";
        if (broken_) return "broken " + code_ + "\n" + all;
        const auto verdict = judge(reader_->facts());
        all += verdict ? "not whole: " + verdict->code : "whole";
        if (const auto& usage = reader_->usage())
            all += " " + std::to_string(usage->input) + "+" + std::to_string(usage->output);
        return all + " " + std::string(reader_->model());
    }

private:
    bool tell(const Result<void>& read) {
        for (const ReplyEvent& event : reader_->events().events()) {
            if (event.kind == ReplyEvent::Kind::content) content_ += event.text;
            if (event.kind == ReplyEvent::Kind::reasoning) reasoning_ += event.text;
            if (event.kind == ReplyEvent::Kind::tool_call) calls_ += event.text;
        }
        reader_->events().clear();
        if (read) return true;
        broken_ = true;
        code_ = read.error().code;
        return false;
    }
    std::unique_ptr<ReplyReader> reader_;
    std::string content_, reasoning_, calls_, code_;
    bool broken_ = false;
};

}  // namespace

void fuzz_one(std::string_view input) {
    const bool ollama = (take_byte(input) & 1) != 0;
    const std::string_view seed = take_text(input, 4);
    const auto make = [&] { return ollama ? make_ollama_reader() : make_openai_reader(); };
    Reading whole(make()), split(make());
    if (!input.empty()) (void)whole.take(input);
    in_pieces(input, seed, [&](std::string_view piece) { return split.take(piece); });
    require_same(whole.transcript(), split.transcript(), "splitting a reply changed what it says");
}

}  // namespace evenkeel::fuzz

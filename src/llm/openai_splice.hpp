#pragma once
#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "llm/caller_body.hpp"

namespace evenkeel {

/// A caller's body as one upstream is to read it: pieces of the caller's own bytes and of ours, in order. All views:
/// nothing is copied. Valid as long as the body and the model's name that it was made of.
class SplicedBody {
public:
    std::span<const std::string_view> pieces() const noexcept { return std::span(pieces_).first(count_); }
    std::size_t bytes() const noexcept;
    void add(std::string_view piece) noexcept;

private:
    static constexpr std::size_t pieces_max = 12;
    std::array<std::string_view, pieces_max> pieces_;
    std::size_t count_ = 0;
};

/// Splices into a body of OpenAI's dialect: the model (`model_json`, a JSON string with its quotes; empty: as the
/// caller wrote it), whether it streams, and for a stream that the usage be told at its end. All other members go on
/// as they stand.
SplicedBody splice_openai(const CallerBody& body, std::string_view model_json, bool stream);

}  // namespace evenkeel

#pragma once
#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "core/json.hpp"

namespace evenkeel {

/// Puts the arguments of tool calls together, which come in pieces as text, and says at the end whether they can be
/// read. They are kept up to `bytes_max` in all; what is longer is not judged.
class ToolArguments {
public:
    static constexpr std::size_t bytes_max = 256 * 1024;
    /// One element of `tool_calls`, in OpenAI's dialect.
    void add(Json call);
    /// Each is JSON, or empty: a tool may have none.
    bool can_be_read() const;

private:
    std::map<std::int64_t, std::string> calls_;  ///< By their index.
    std::size_t bytes_ = 0;
    bool too_long_ = false;
};

}  // namespace evenkeel

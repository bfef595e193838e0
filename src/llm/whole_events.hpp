#pragma once
#include <string>
#include <string_view>

#include "llm/provider.hpp"

namespace evenkeel {

/// What of an upstream's bytes a caller of the same dialect is to read: whole events (or lines) only, since half a one
/// could neither be taken back nor be told from what follows when the upstream breaks off. Usually a receive ends with
/// an event, and its bytes pass as they are. For callers who did not ask for usage it also takes out the one chunk that
/// holds nothing else: their libraries look at choices[0] of every chunk.
class WholeEvents {
public:
    /// From now on the chunk of usage is taken out. It follows the finish.
    void hide_usage() noexcept { hides_usage_ = true; }
    /// What may go on of what was held back and `wire`. `finished`: the answer's finish stood in them or before. The
    /// view is into `wire` or this object, until the next call.
    std::string_view take(std::string_view wire, WireFormat format, bool finished);
    /// The same, at the end of a whole reply: with what was held back, and with the mark of a stream's end, which some
    /// servers forget. `marked`: it was there.
    std::string_view end(std::string_view wire, WireFormat format, bool marked);

private:
    std::string_view without_usage(std::string_view events);
    bool hides_usage_ = false;
    std::string held_;  ///< The beginning of an event.
    std::string out_;
};

}  // namespace evenkeel

#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hpp"

namespace evenkeel {

/// Something that an operator has to see to, or no longer has to.
struct AlertNews {
    bool over = false;
    std::string name;  ///< Stable, with what it is about: "provider.account nanogpt".
    std::string text;  ///< One line for people: what, and how to mend it.
    Millis lasted{0};  ///< Where it is over.
};

/// What is wrong right now, by name. A condition is told once when it has held for a while, and taken back once when it
/// has been gone for a while, so that one which comes and goes does not ring all night. Pure; takes `now`.
class AlertBook {
public:
    /// From its first sight to the telling, and from its last sight to the taking back.
    static constexpr Seconds tell_after{30};
    static constexpr Seconds quiet_after{120};

    struct Condition {
        std::string name;
        std::string text;
        bool at_once = false;  ///< It does not mend itself: told without waiting.
    };
    /// All that is wrong at `now`; gives what there is to tell.
    std::vector<AlertNews> look(const std::vector<Condition>& conditions, Instant now);
    /// Told and not taken back, oldest first.
    std::vector<std::string> open() const;

private:
    struct Entry {
        std::string text;
        Instant first_seen, last_seen;
        bool told = false;
    };
    std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace evenkeel

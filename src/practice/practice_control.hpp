#pragma once
#include <functional>
#include <span>
#include <string_view>

#include "net/http_server.hpp"
#include "practice/dialect.hpp"
#include "practice/practice_provider.hpp"

namespace evenkeel::practice {

inline constexpr std::string_view control_prefix = "/practice/";

/// A steering request, decided but not yet obeyed: the page is sent first, since what is asked may take down the very
/// server that sends it.
struct Steering {
    Page page;
    std::function<void()> obey;  ///< May be empty.
};

/// How scripts in any language steer practice providers, over HTTP:
///   GET  /practice/state                     → {"providers":[{name, kind, base_url, behaviour, requests}]}
///   GET  /practice/log?provider=N&after=7    → the encounters numbered above 7 (PracticeLog::to_json)
///   POST /practice/fault {"provider":N, "behaviour":"cut-40", "model":M, "times":3} → {"ok":true}
/// `provider` may be left out where there is one (a fault without it: for all); without `times`: until told otherwise.
/// Anything else: 400 or 404 with {"error":"…"}.
Steering steer(std::span<PracticeProvider* const> providers, const HttpIncoming& request);

}  // namespace evenkeel::practice

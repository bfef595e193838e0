#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/env.hpp"
#include "daemon/rehearsal_judge.hpp"
#include "daemon/render.hpp"
#include "net/connection.hpp"
#include "store/async_store.hpp"

namespace evenkeel {

/// What a drill may be run without, to see that it would notice.
enum class RehearsalWithout : std::uint8_t { nothing, breaker, queue, judge };

struct RehearsalOptions {
    bool quick = false;  ///< Ten seconds at the most, with short patience; else the patience of real settings.
    RehearsalWithout without = RehearsalWithout::nothing;
    /// Told at the beginning of each scene: a line for who watches.
    std::function<void(std::string_view scene, std::string_view what)> on_scene;
    StoreMaker make_store = make_threaded_store;  ///< On virtual time: make_inline_store.
};

/// An outage drill: a scripted day through the real engine, store and sockets, against practice providers. The record
/// is what askers saw, what the providers logged and what the store holds.
/// Errors: storage, internal (the drill itself could not run).
Task<Result<RehearsalRecord>> rehearse(Env env, Network& network, RehearsalOptions options);

/// The record as a table for people, the verdicts under it.
std::string rehearsal_text(const RehearsalRecord& record, const std::vector<PromiseVerdict>& verdicts,
                           const terminal::Screen& screen);
std::string rehearsal_json(const RehearsalRecord& record, const std::vector<PromiseVerdict>& verdicts);

}  // namespace evenkeel

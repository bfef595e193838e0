#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "core/async.hpp"
#include "core/env.hpp"
#include "llm/provider.hpp"

namespace evenkeel {

/// May a provider be asked to go on from the beginning of an answer?
enum class PrefillMode : std::uint8_t { automatic, yes, no };

/// Whether the models of one provider go on from the beginning of an answer instead of answering anew. Where nobody
/// said so, each model is asked once, with a question whose next word is certain, at the first need; what it showed is
/// remembered. One loop.
class Prefill {
public:
    /// `lane` is asked through all its layers. `changed` is pulsed when something was learnt; it outlives this.
    Prefill(Env env, PrefillMode mode, ProviderPtr lane, Event& changed)
        : env_(env), mode_(mode), lane_(std::move(lane)), changed_(changed) {}

    /// The try, if one is made, is recorded in `call` as a probe. A failure to ask means no, this time.
    Task<bool> works(std::string model, Call& call);

    /// What was learnt, model by model.
    const std::map<std::string, bool>& known() const noexcept { return known_; }
    void remember(std::string model, bool works);

    static constexpr Millis probe_max{5'000};
    static constexpr std::size_t models_max = 64;
    /// The probe, and whether `text` is what only a model says that goes on.
    static ChatRequest question(std::string model);
    static bool goes_on(std::string_view text) noexcept;

private:
    Task<void> learn(std::string model, Call& call);
    Env env_;
    PrefillMode mode_;
    ProviderPtr lane_;
    std::map<std::string, bool> known_;
    bool asking_ = false;  ///< Of many streams that break at once only one asks; the others wait for `changed_`.
    Event& changed_;
};

}  // namespace evenkeel

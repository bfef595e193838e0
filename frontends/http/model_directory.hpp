#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/async.hpp"
#include "core/env.hpp"
#include "llm/provider.hpp"

namespace evenkeel {

/// The name under which callers ask for whatever there is.
inline constexpr std::string_view any_model = "evenkeel";

/// What a `model` of a caller means for the route.
struct ModelChoice {
    std::string model;  ///< For the first provider; empty: each provider's own default.
    std::string only;   ///< The provider that alone may be asked; empty: any.
};

/// One model as callers see it.
struct ListedModel {
    std::string id;
    std::string owner;  ///< The provider that has it.
};

/// Which models there are, and what their names mean (design section 6). The first provider's list is asked for at the
/// start and now and then, and kept when it fails: names go on to mean the same in an outage. One loop.
class ModelDirectory {
public:
    /// In the order of the route. `aliases`: the table [models]: a caller's name → "model", "provider/model" or
    /// "evenkeel". Starts asking at once.
    ModelDirectory(Env env, std::vector<std::shared_ptr<Upstream>> upstreams,
                   std::map<std::string, std::string, std::less<>> aliases);

    /// In this order: an exact name of the first provider's list; an alias; "provider/…" of a configured provider; a
    /// provider's own model; "evenkeel" or nothing. Errors: model_gone of the caller where nobody has it. While the
    /// list is not known every other name is taken for one of the first provider's.
    Result<ModelChoice> choose(std::string_view asked) const;

    /// For `/v1/models`: "evenkeel", the aliases, the first provider's list, and the other providers' models as
    /// "provider/model".
    std::vector<ListedModel> list() const;
    std::optional<ListedModel> find(std::string_view id) const;
    /// Is it on the first provider's list, by exactly this name? Also false while the list is not known.
    bool is_listed(std::string_view name) const noexcept;
    /// The providers, in the order of the route.
    std::span<const std::shared_ptr<Upstream>> upstreams() const noexcept { return upstreams_; }

private:
    static Task<void> keep_fresh(ModelDirectory& self);
    std::optional<ModelChoice> choose_plain(std::string_view asked) const;

    Env env_;
    std::vector<std::shared_ptr<Upstream>> upstreams_;
    std::map<std::string, std::string, std::less<>> aliases_;
    std::optional<std::vector<std::string>> listed_;  ///< Of the first provider, sorted; empty: not known yet.
    TaskGroup tasks_;
};

}  // namespace evenkeel

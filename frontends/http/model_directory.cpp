#include "frontends/http/model_directory.hpp"

#include <algorithm>
#include <utility>

namespace evenkeel {
namespace {

constexpr Seconds fresh_for{300};
constexpr Seconds again_after_failure{15};
constexpr Seconds answered_within{10};

}  // namespace

ModelDirectory::ModelDirectory(Env env, std::vector<std::shared_ptr<Upstream>> upstreams,
                               std::map<std::string, std::string, std::less<>> aliases)
    : env_(env), upstreams_(std::move(upstreams)), aliases_(std::move(aliases)), tasks_(env.scheduler) {
    if (!upstreams_.empty()) tasks_.spawn(keep_fresh(*this));
}

Task<void> ModelDirectory::keep_fresh(ModelDirectory& self) {
    for (;;) {
        auto models = co_await self.upstreams_.front()->models(self.env_.now() + answered_within);
        const bool known = models.has_value();
        if (known) {
            std::ranges::sort(*models);
            self.listed_ = std::move(*models);
        }
        co_await sleep_for(self.env_.scheduler, known ? fresh_for : again_after_failure);
    }
}

bool ModelDirectory::is_listed(std::string_view name) const noexcept {
    return listed_ && std::ranges::binary_search(*listed_, name);
}

std::optional<ModelChoice> ModelDirectory::choose_plain(std::string_view asked) const {
    if (asked.empty() || asked == any_model) return ModelChoice{};
    if (is_listed(asked)) return ModelChoice{.model = std::string(asked), .only = {}};
    const std::size_t slash = asked.find('/');
    for (const auto& upstream : upstreams_) {
        const auto& who = upstream->identity();
        if (slash != std::string_view::npos && who.name == asked.substr(0, slash))
            return ModelChoice{.model = std::string(asked.substr(slash + 1)), .only = who.name};
    }
    for (const auto& upstream : upstreams_)
        if (upstream->identity().model == asked) {
            const bool first = upstream == upstreams_.front();
            return ModelChoice{.model = std::string(asked), .only = first ? "" : upstream->identity().name};
        }
    return std::nullopt;
}

Result<ModelChoice> ModelDirectory::choose(std::string_view asked) const {
    if (is_listed(asked)) return ModelChoice{.model = std::string(asked), .only = {}};
    if (const auto alias = aliases_.find(asked); alias != aliases_.end())
        return choose_plain(alias->second).value_or(ModelChoice{.model = alias->second, .only = {}});
    if (auto choice = choose_plain(asked)) return std::move(*choice);
    if (!listed_) return ModelChoice{.model = std::string(asked), .only = {}};
    return caller_fault("The model '" + std::string(asked.substr(0, 200)) +
                            "' does not exist here; GET /v1/models lists those that do.",
                        "model_not_found", ErrorClass::model_gone);
}

std::vector<ListedModel> ModelDirectory::list() const {
    std::vector<ListedModel> all{{std::string(any_model), "evenkeel"}};
    for (const auto& [name, meaning] : aliases_) all.push_back({name, "evenkeel"});
    for (const auto& upstream : upstreams_) {
        const auto& who = upstream->identity();
        const bool first = upstream == upstreams_.front();
        if (first && listed_)
            for (const std::string& id : *listed_) all.push_back({id, who.name});
        else
            all.push_back({first ? who.model : who.name + "/" + who.model, who.name});
    }
    return all;
}

std::optional<ListedModel> ModelDirectory::find(std::string_view id) const {
    for (ListedModel& model : list())
        if (model.id == id) return std::move(model);
    return std::nullopt;
}

}  // namespace evenkeel

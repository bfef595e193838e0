#include "access/access.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <utility>

#include "core/text.hpp"

namespace evenkeel {
namespace {

using Kind = KeyMeter::Verdict::Kind;

/// Longer than any key anybody uses; what is longer is not worth hashing.
constexpr std::size_t presented_bytes_max = 512;

Error refusal(ErrorClass cls, int status, std::string code, std::string detail) {
    Error error = caller_fault(std::move(detail), std::move(code), cls).error();
    error.scope = Scope::credential;
    error.http_status = status;
    return error;
}

Error unknown_key(std::string detail) {
    return refusal(ErrorClass::account, 401, "invalid_api_key", std::move(detail));
}

std::string quoted(const KeyRecord& key) { return "the key '" + key.name + "'"; }

Error spent(const KeyRecord& key, const KeyMeter::Verdict& verdict, WallTime wall) {
    Error error = refusal(ErrorClass::overload, 429, "insufficient_quota",
                          quoted(key) + " has used up its " + std::string(verdict.what) + "; it begins anew at " +
                              format_wall(wall + verdict.retry_after) + ", or ask the operator for more");
    error.retry_after = verdict.retry_after;
    return error;
}

Error refused(const KeyRecord& key, const KeyMeter::Verdict& verdict, WallTime wall) {
    if (verdict.kind == Kind::spent) return spent(key, verdict, wall);
    std::string detail = quoted(key);
    if (verdict.kind == Kind::too_fast)
        detail += " may make " + std::to_string(*key.limits.requests_per_minute) +
                  " requests a minute; the next one is free in " + format_duration(verdict.retry_after);
    else
        detail += " has " + std::to_string(*key.limits.concurrent) +
                  " calls under way, as many as it may; wait until one of them ends";
    Error error = refusal(ErrorClass::overload, 429, "rate_limit_exceeded", std::move(detail));
    error.retry_after = verdict.retry_after;
    return error;
}

}  // namespace

struct Admission::Entry {
    Entry(KeyRecord given, const KeySpending& so_far, WallTime wall) noexcept
        : record(std::move(given)), meter(record.limits, so_far, wall) {}
    KeyRecord record;
    KeyMeter meter;
};

Admission::Admission(Access& access, std::shared_ptr<Entry> entry, Demand demand, KeyMeter::Verdict verdict) noexcept
    : access_(&access), entry_(std::move(entry)), demand_(demand), verdict_(verdict) {}

Admission::Admission(Admission&& other) noexcept
    : access_(std::exchange(other.access_, nullptr)),
      entry_(std::move(other.entry_)),
      demand_(other.demand_),
      verdict_(other.verdict_) {}

Admission& Admission::operator=(Admission&& other) noexcept {
    if (this == &other) return *this;
    leave();
    access_ = std::exchange(other.access_, nullptr);
    entry_ = std::move(other.entry_);
    demand_ = other.demand_;
    verdict_ = other.verdict_;
    return *this;
}

Admission::~Admission() { leave(); }

void Admission::leave() noexcept {
    if (entry_ && demand_ == Demand::spend) entry_->meter.end();
    entry_.reset();
}

const Id& Admission::key_id() const noexcept {
    static constexpr Id nobody{};
    return entry_ ? entry_->record.id : nobody;
}

std::string_view Admission::key_name() const noexcept {
    return entry_ ? std::string_view(entry_->record.name) : std::string_view();
}

Error Admission::quota_error() const {
    if (!entry_) return refusal(ErrorClass::overload, 429, "insufficient_quota", "no budget is left");
    return spent(entry_->record, verdict_, access_->env_.wall());
}

bool Admission::may_use_model(std::string_view model) const noexcept {
    if (!entry_ || model.empty() || entry_->record.limits.models.empty()) return true;
    return std::ranges::find(entry_->record.limits.models, model) != entry_->record.limits.models.end();
}

bool Admission::may_call_back(std::string_view url) const noexcept {
    return entry_ && is_allowed_target(entry_->record.limits.webhooks, url);
}

bool Admission::may(KeyScope scope) const noexcept { return !entry_ || entry_->record.scopes.has(scope); }

void Admission::charge(std::span<const Attempt> tries, Counted counted) {
    access_->charge(entry_.get(), tries, counted);
}

Access::Access(Env env, const HashingKey& hashing_key) : env_(env), hasher_(hashing_key), charged_(env.scheduler) {}
Access::~Access() = default;

std::size_t Access::FirstBytes::operator()(const KeyHash& hash) const noexcept {
    std::size_t first = 0;
    std::memcpy(&first, hash.data(), sizeof first);
    return first;
}

std::shared_ptr<Admission::Entry> Access::find(const Id& id) const {
    const auto found = std::ranges::find_if(keys_, [&](const auto& each) { return each.second->record.id == id; });
    return found == keys_.end() ? nullptr : found->second;
}

Result<std::shared_ptr<Admission::Entry>> Access::identify(std::string_view presented) const {
    if (presented.empty())
        return fail(
            unknown_key("a key is needed: send it as \"Authorization: Bearer sk-evk-…\". The operator makes "
                        "one with 'evenkeel key create NAME'"));
    const auto found = presented.size() <= presented_bytes_max ? keys_.find(hasher_(presented)) : keys_.end();
    if (found == keys_.end())
        return fail(unknown_key("this key is not known here; 'evenkeel key list' shows which are"));
    const KeyRecord& key = found->second->record;
    if (key.revoked_at) return fail(unknown_key(quoted(key) + " was revoked at " + format_wall(*key.revoked_at)));
    if (key.expires_at && env_.wall() >= *key.expires_at)
        return fail(unknown_key(quoted(key) + " expired at " + format_wall(*key.expires_at)));
    return found->second;
}

Result<Admission> Access::admit(std::string_view presented, KeyScope scope, Demand demand) {
    if (open()) return Admission(*this, nullptr, demand, {});
    auto entry = identify(presented);
    if (!entry) return fail(std::move(entry.error()));
    const KeyRecord& key = (*entry)->record;
    if (!key.scopes.has(scope))
        return fail(refusal(ErrorClass::policy, 403, "insufficient_scope",
                            quoted(key) + " is not for '" + std::string(to_string(scope)) +
                                "'; the operator can make one that is: evenkeel key create NAME --scope " +
                                std::string(to_string(scope))));
    const WallTime wall = env_.wall();
    const KeyMeter::Verdict verdict = (*entry)->meter.begin(demand, env_.now(), wall);
    if (verdict.kind != Kind::admitted && verdict.kind != Kind::local_only) return fail(refused(key, verdict, wall));
    return Admission(*this, std::move(*entry), demand, verdict);
}

void Access::charge(Entry* entry, std::span<const Attempt> tries, Counted counted) {
    const WallTime wall = env_.wall();
    charged_.set();
    for (const Attempt& attempt : tries) {
        usage_.add(entry ? entry->record.id : Id{}, attempt, counted, wall);
        if (!entry || !attempt.usage) continue;
        entry->meter.charge(attempt.usage->input + attempt.usage->output, attempt.cost_usd, wall);
    }
}

void Access::charge(const Id& key, std::span<const Attempt> tries, Counted counted) {
    charge(find(key).get(), tries, counted);
}

void Access::put(KeyRecord record, const KeySpending& so_far) {
    const KeyHash hash = record.hash;
    keys_.insert_or_assign(hash, std::make_shared<Entry>(std::move(record), so_far, env_.wall()));
}

bool Access::revoke(const Id& id, WallTime when) {
    const auto entry = find(id);
    if (!entry) return false;
    if (!entry->record.revoked_at) entry->record.revoked_at = when;
    return true;
}

std::optional<KeySpending> Access::spending(const Id& id) {
    const auto entry = find(id);
    if (!entry) return std::nullopt;
    return entry->meter.spending(env_.wall());
}

std::vector<const KeyRecord*> Access::keys() const {
    std::vector<const KeyRecord*> records;
    records.reserve(keys_.size());
    for (const auto& [hash, entry] : keys_) records.push_back(&entry->record);
    std::ranges::sort(records, {}, [](const KeyRecord* key) { return key->id; });
    return records;
}

bool is_allowed_target(std::span<const std::string> allowed, std::string_view url) noexcept {
    constexpr std::string_view harmless =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~:/?#[]!$&'()*+,;=";
    if (url.find_first_not_of(harmless) != url.npos || url.find("/.") != url.npos) return false;
    return std::ranges::any_of(allowed, [url](const std::string& each) {
        return url == each || (each.ends_with('/') && url.starts_with(each));
    });
}

}  // namespace evenkeel

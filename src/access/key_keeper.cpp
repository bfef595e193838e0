#include "access/key_keeper.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace evenkeel {
namespace {

/// What the store knows at the start.
struct Kept {
    HashingKey hashing_key{};
    std::vector<KeyRecord> keys;
    std::vector<KeyUse> uses;
};

Result<Kept> read_all(StoreEngine& engine, const HashingKey& fresh, WallTime now) {
    auto hashing_key = engine.keys().hashing_key(fresh);
    if (!hashing_key) return fail(hashing_key.error());
    auto keys = engine.keys().keys();
    if (!keys) return fail(keys.error());
    Kept kept{.hashing_key = *hashing_key, .keys = std::move(*keys)};
    if (kept.keys.empty()) return kept;
    auto uses = engine.usage().key_use(now);
    if (!uses) return fail(uses.error());
    kept.uses = std::move(*uses);
    return kept;
}

}  // namespace

Task<Result<std::unique_ptr<KeyKeeper>>> KeyKeeper::open(Env env, AsyncStore& store, HashingKey fresh) {
    auto kept =
        co_await store.run([fresh, now = env.wall()](StoreEngine& engine) { return read_all(engine, fresh, now); });
    if (!kept) co_return fail(kept.error());
    std::unique_ptr<KeyKeeper> keeper(new KeyKeeper(env, store, kept->hashing_key));
    for (KeyRecord& key : kept->keys) {
        const auto use = std::ranges::find(kept->uses, key.id, &KeyUse::key);
        keeper->access_.put(std::move(key), use == kept->uses.end() ? KeySpending{} : use->spending);
    }
    co_return std::move(keeper);
}

KeyKeeper::KeyKeeper(Env env, AsyncStore& store, const HashingKey& hashing_key)
    : env_(env), store_(store), access_(env, hashing_key), tasks_(env.scheduler) {}

void KeyKeeper::start() { tasks_.spawn(keep_writing(*this)); }

Task<void> KeyKeeper::keep_writing(KeyKeeper& self) {
    while (true) {
        co_await self.access_.charged().wait();
        co_await sleep_for(self.env_.scheduler, usage_written_every);
        self.tell(co_await self.flush());
    }
}

void KeyKeeper::tell(const Result<void>& written) {
    if (written.has_value() != failing_) return;
    failing_ = !written;
    if (failing_)
        env_.notes.note({.severity = Severity::warning,
                         .name = "usage.not_written",
                         .subject = "usage",
                         .detail = written.error().detail});
    else
        env_.notes.note({.name = "usage.written_again", .subject = "usage", .detail = "nothing was lost"});
}

Task<Result<void>> KeyKeeper::flush() {
    access_.charged().clear();
    auto lines = std::make_shared<const std::vector<UsageLine>>(access_.usage().take());
    if (lines->empty()) co_return Result<void>{};
    auto written = co_await store_.run([lines](StoreEngine& engine) { return engine.usage().add_usage(*lines); });
    if (!written) {
        access_.usage().put_back(*lines);
        access_.charged().set();
    }
    co_return written;
}

Task<Result<KeyRecord>> KeyKeeper::create(KeyRecord key, Secret text) {
    key.hash = access_.hasher()(text.reveal());
    key.created_at = env_.wall();
    auto kept = co_await store_.run([key](StoreEngine& engine) { return engine.keys().add_key(key); });
    if (!kept) co_return fail(kept.error());
    access_.put(key, {});
    co_return std::move(key);
}

Task<Result<void>> KeyKeeper::revoke(Id id) {
    const WallTime now = env_.wall();
    auto done = co_await store_.run([id, now](StoreEngine& engine) { return engine.keys().revoke_key(id, now); });
    if (done) access_.revoke(id, now);
    co_return done;
}

}  // namespace evenkeel

#pragma once
#include <memory>

#include "access/access.hpp"
#include "core/async.hpp"
#include "store/async_store.hpp"

namespace evenkeel {

/// Sums of use wait so long in memory before they are written, together.
inline constexpr Millis usage_written_every{1'000};

/// Access with its store behind it: reads the keys when it opens, makes and revokes them, and writes the sums of use
/// `usage_written_every` after the first that waits. What waits is lost when the process is killed: of plain calls at
/// most the last second, and with it as much of the keys' budgets. A store that cannot write keeps the sums waiting
/// (UsageBook bounds them) and is told of once. The store outlives it. One loop.
class KeyKeeper {
public:
    /// `fresh`: 32 bytes from the kernel; they become what the hashes are keyed with where there is nothing yet.
    /// Errors: storage.
    static Task<Result<std::unique_ptr<KeyKeeper>>> open(Env env, AsyncStore& store, HashingKey fresh);

    Access& access() noexcept { return access_; }
    AsyncStore& store() noexcept { return store_; }
    /// Writes from now on by itself. Without it only `flush` does.
    void start();
    /// Writes what waits, now. Errors: storage, overload; then it goes on waiting.
    Task<Result<void>> flush();
    /// The key counts at once. Its hash is made of `text`; `created_at` is now. Errors: those of KeyEngine::add_key.
    Task<Result<KeyRecord>> create(KeyRecord key, Secret text);
    /// It is refused from now on. Errors: those of KeyEngine::revoke_key.
    Task<Result<void>> revoke(Id id);

private:
    KeyKeeper(Env env, AsyncStore& store, const HashingKey& hashing_key);
    static Task<void> keep_writing(KeyKeeper& self);
    void tell(const Result<void>& written);

    Env env_;
    AsyncStore& store_;
    Access access_;
    bool failing_ = false;
    TaskGroup tasks_;  ///< Last: its task uses all of the above.
};

}  // namespace evenkeel

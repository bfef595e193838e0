#pragma once
#include "store/engine.hpp"
#include "store/session.hpp"

namespace evenkeel::sqlite {

class SqliteKeys final : public KeyEngine {
public:
    explicit SqliteKeys(Session& session) noexcept : session_(session) {}
    Result<KeyHash> hashing_key(const KeyHash& fresh) override;
    Result<void> add_key(const KeyRecord& key) override;
    Result<void> revoke_key(const Id& id, WallTime now) override;
    Result<std::vector<KeyRecord>> keys() override;

private:
    Session& session_;
};

}  // namespace evenkeel::sqlite

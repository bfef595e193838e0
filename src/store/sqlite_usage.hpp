#pragma once
#include "store/engine.hpp"
#include "store/session.hpp"

namespace evenkeel::sqlite {

class SqliteUsage final : public UsageEngine {
public:
    explicit SqliteUsage(Session& session) noexcept : session_(session) {}
    Result<void> add_usage(std::span<const UsageLine> lines) override;
    Result<std::vector<KeyUse>> key_use(WallTime now) override;
    Result<std::vector<UsageLine>> usage(WallTime from) override;
    Result<std::size_t> retire_usage(WallTime fold_before, WallTime remove_before, WallTime now) override;

private:
    Session& session_;
};

}  // namespace evenkeel::sqlite

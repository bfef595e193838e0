#pragma once
#include "store/engine.hpp"
#include "store/jobs.hpp"

namespace evenkeel::sqlite {

class SqliteOutbox final : public OutboxEngine {
public:
    explicit SqliteOutbox(Session& session) noexcept : session_(session) {}
    Result<std::vector<Delivery>> pending(std::string_view frontend, std::string_view principal,
                                          std::string_view conversation, std::size_t most) override;
    Result<void> shown(const Id& id, WallTime now) override;
    Result<std::vector<Spend>> spending(WallTime from) override;
    Result<void> record_tries(std::span<const Attempt> tries, WallTime now) override;
    Result<void> remember(std::string_view key, std::string_view text) override;
    Result<std::string> recall(std::string_view key) override;

private:
    Session& session_;
};

}  // namespace evenkeel::sqlite

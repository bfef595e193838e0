#pragma once
#include "store/engine.hpp"
#include "store/jobs.hpp"

namespace evenkeel::sqlite {

inline constexpr std::int64_t sweep_max = 1'000;  ///< Of each kind, in one sweep; the next one goes on.

class SqliteDesk final : public QueueDesk {
public:
    explicit SqliteDesk(Session& session) noexcept : session_(session) {}
    Result<void> cancel(std::string_view principal, const Id& id, WallTime now) override;
    Result<void> retry(std::string_view principal, const Id& id, WallTime now) override;
    Result<std::size_t> sweep(WallTime now) override;
    Result<std::size_t> hasten(bool private_too, WallTime now) override;
    Result<std::optional<WallTime>> next_due() override;
    Result<std::vector<Id>> find(std::string_view principal, const IdPrefix& prefix, std::size_t most) override;
    Result<JobView> show(std::string_view principal, const Id& id) override;
    Result<CallRecord> call(std::string_view principal, const Id& id) override;
    Result<std::vector<JobView>> list(std::string_view principal, bool open_only, std::size_t most) override;

private:
    std::size_t end_leases(WallTime now);
    std::size_t expire(WallTime now);
    Session& session_;
};

/// Work that processes before this one held: queued again, or dead where that was a crash too many; what waited for a
/// later try is due now. Part of opening.
void void_old_leases(Session& session, WallTime now);

}  // namespace evenkeel::sqlite

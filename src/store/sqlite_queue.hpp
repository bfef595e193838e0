#pragma once
#include "store/engine.hpp"
#include "store/jobs.hpp"

namespace evenkeel::sqlite {

inline constexpr std::size_t claims_max = 512;             ///< Leases that one claim gives at most.
inline constexpr std::size_t text_bytes_max = 256 << 10;   ///< Of a question.
inline constexpr std::size_t call_bytes_max = 64 << 20;    ///< Of a call's body, and of its record.
inline constexpr std::size_t partial_bytes_max = 1 << 20;  ///< Of what is kept of an unfinished answer.

class SqliteQueue final : public QueueEngine {
public:
    explicit SqliteQueue(Session& session) noexcept : session_(session) {}
    Result<Accepted> accept(const Inbound& message, const Id& id, WallTime now) override;
    Result<std::optional<Lease>> claim_one(const Id& id, const ClaimOptions& options, WallTime now) override;
    Result<std::vector<Lease>> claim(const ClaimOptions& options, WallTime now) override;
    Result<void> extend(const Lease& lease, std::string_view partial, WallTime until) override;
    Result<void> complete(const Lease& lease, const Answer& answer, WallTime now) override;
    Result<void> release(const Lease& lease, const Error& why, std::span<const Attempt> tries, WallTime run_at,
                         WallTime now) override;
    Result<void> bury(const Lease& lease, JobState end, const Error& why, std::span<const Attempt> tries,
                      std::string_view notice, WallTime now) override;

private:
    std::optional<Accepted> seen_before(const Inbound& message);
    Accepted store_message(const Inbound& message, const Id& id, WallTime now);
    std::vector<std::int64_t> due(const ClaimOptions& options, WallTime now);
    std::optional<Lease> lease(std::int64_t number, const ClaimOptions& options, WallTime now);
    Session& session_;
};

}  // namespace evenkeel::sqlite

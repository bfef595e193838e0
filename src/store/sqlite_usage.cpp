#include "store/sqlite_usage.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "core/text.hpp"

namespace evenkeel::sqlite {
namespace {

/// Lines that one call of retire_usage folds, or removes: a bounded pause of the store.
constexpr std::int64_t retire_max = 5'000;

WallTime day_of(WallTime time) noexcept { return std::chrono::floor<std::chrono::days>(time); }

WallTime month_of(WallTime time) noexcept {
    const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(time)};
    return std::chrono::sys_days{day.year() / day.month() / 1};
}

void add_to_usage(Database& db, const UsageLine& line, int minutes) {
    db.run(
        "INSERT INTO usage VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) ON CONFLICT DO UPDATE SET "
        "tries = tries + ?6, answers = answers + ?7, input_tokens = input_tokens + ?8, "
        "output_tokens = output_tokens + ?9, estimated = max(estimated, ?10), cost_usd = cost_usd + ?11, "
        "cost_unknown = cost_unknown + ?12",
        minutes, line.start, line.key, line.provider, line.model, line.tries, line.answers, line.input_tokens,
        line.output_tokens, line.estimated, line.cost_usd, line.cost_unknown);
}

void add_to_ledger(Database& db, const UsageLine& line) {
    db.run(
        "INSERT INTO ledger VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT DO UPDATE SET "
        "tries = tries + ?4, answers = answers + ?5, input_tokens = input_tokens + ?6, "
        "output_tokens = output_tokens + ?7, estimated = max(estimated, ?8), cost_usd = cost_usd + ?9, "
        "cost_unknown = cost_unknown + ?10",
        format_wall(line.start).substr(0, 10), line.provider, line.model, line.tries, line.answers, line.input_tokens,
        line.output_tokens, line.estimated, line.cost_usd, line.cost_unknown);
}

UsageLine line_of(const Statement& row) {
    return {.key = row.id(0),
            .provider = row.text(1),
            .model = row.text(2),
            .start = row.wall(3),
            .tries = row.integer(4),
            .answers = row.integer(5),
            .input_tokens = row.integer(6),
            .output_tokens = row.integer(7),
            .estimated = row.truth(8),
            .cost_usd = row.real(9),
            .cost_unknown = row.integer(10)};
}

}  // namespace

Result<void> SqliteUsage::add_usage(std::span<const UsageLine> lines) {
    if (lines.empty()) return {};
    return session_.write(Operation::other, [&] {
        for (const UsageLine& line : lines) {
            add_to_usage(session_.db(), line, 1);
            if (!line.in_ledger) add_to_ledger(session_.db(), line);
        }
    });
}

Result<std::vector<KeyUse>> SqliteUsage::key_use(WallTime now) {
    return session_.read([&] {
        auto row = session_.db().query(
            "SELECT key, total(iif(start >= ?1, input_tokens + output_tokens, 0)), "
            "total(iif(start >= ?1, cost_usd, 0)), total(iif(start >= ?2, cost_usd, 0)), "
            "total(iif(start >= ?2, cost_unknown, 0)), max(start) FROM usage GROUP BY key",
            day_of(now), month_of(now));
        std::vector<KeyUse> uses;
        while (row.step())
            uses.push_back({.key = row.id(0),
                            .spending = {.tokens_today = row.integer(1),
                                         .usd_today = row.real(2),
                                         .usd_this_month = row.real(3),
                                         .cost_unknown_this_month = row.integer(4)},
                            .last_used = row.maybe_wall(5)});
        return uses;
    });
}

Result<std::vector<UsageLine>> SqliteUsage::usage(WallTime from) {
    return session_.read([&] {
        auto row = session_.db().query(
            "SELECT key, provider, model, min(start), sum(tries), sum(answers), sum(input_tokens), sum(output_tokens), "
            "max(estimated), total(cost_usd), sum(cost_unknown) FROM usage WHERE start >= ? "
            "GROUP BY key, provider, model ORDER BY key, provider, model",
            from);
        std::vector<UsageLine> lines;
        while (row.step()) lines.push_back(line_of(row));
        return lines;
    });
}

Result<std::size_t> SqliteUsage::retire_usage(WallTime fold_before, WallTime remove_before, WallTime now) {
    return session_.write(Operation::other, [&] {
        Database& db = session_.db();
        std::vector<UsageLine> old;
        {
            auto row = db.query(
                "SELECT key, provider, model, start, tries, answers, input_tokens, output_tokens, estimated, cost_usd, "
                "cost_unknown FROM usage WHERE minutes = 1 AND start < ? ORDER BY start LIMIT ?",
                day_of(fold_before), retire_max);
            while (row.step()) old.push_back(line_of(row));
        }
        for (UsageLine& line : old) {
            db.run("DELETE FROM usage WHERE minutes = 1 AND start = ? AND key = ? AND provider = ? AND model = ?",
                   line.start, line.key, line.provider, line.model);
            line.start = day_of(line.start);
            add_to_usage(db, line, 1440);
        }
        const std::int64_t removed = db.run(
            "DELETE FROM usage WHERE (minutes, start, key, provider, model) IN (SELECT minutes, start, key, provider, "
            "model FROM usage WHERE minutes = 1440 AND start < ? ORDER BY start LIMIT ?)",
            day_of(std::min(remove_before, month_of(now))), retire_max);
        return old.size() + static_cast<std::size_t>(removed);
    });
}

}  // namespace evenkeel::sqlite

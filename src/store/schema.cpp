#include "store/schema.hpp"

#include <array>
#include <filesystem>

#include "core/failpoint.hpp"
#include "store/files.hpp"

namespace evenkeel::sqlite {
namespace {

// Each invariant of docs/queue.md that SQL can say is a constraint here, so that no defect of the code can break it.
// `message` and `answer` are written once; `job` is the small row that changes. `number` counts acceptances.
constexpr std::string_view version_1 = R"sql(
CREATE TABLE process (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    generation INTEGER NOT NULL
) STRICT;
INSERT INTO process VALUES (1, 0);

CREATE TABLE fact (
    name TEXT PRIMARY KEY,
    text TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Whose turn it is: each message gets the turn after its asker's last one (start-time fair queueing).
CREATE TABLE asker (
    number INTEGER PRIMARY KEY,
    principal TEXT NOT NULL,
    user TEXT NOT NULL,
    last_turn INTEGER NOT NULL,
    UNIQUE (principal, user)
) STRICT;

CREATE TABLE conversation (
    number INTEGER PRIMARY KEY,
    principal TEXT NOT NULL,
    name TEXT NOT NULL CHECK (length(CAST(name AS BLOB)) BETWEEN 1 AND 128),
    private INTEGER NOT NULL CHECK (private IN (0, 1)),
    last_sequence INTEGER NOT NULL,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    UNIQUE (principal, name)
) STRICT;

CREATE TABLE message (
    number INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    conversation INTEGER NOT NULL REFERENCES conversation (number),
    sequence INTEGER NOT NULL CHECK (sequence > 0),
    principal TEXT NOT NULL,
    user TEXT NOT NULL,
    frontend TEXT NOT NULL,
    idempotency_key TEXT CHECK (length(CAST(idempotency_key AS BLOB)) BETWEEN 1 AND 255),
    model TEXT NOT NULL,
    ttl INTEGER NOT NULL CHECK (ttl > 0),
    accepted_at INTEGER NOT NULL,
    format INTEGER NOT NULL CHECK (format = 0),
    checksum INTEGER NOT NULL,
    body BLOB NOT NULL CHECK (length(body) BETWEEN 1 AND 262144),
    UNIQUE (conversation, sequence)
) STRICT;
CREATE UNIQUE INDEX message_key ON message (principal, idempotency_key) WHERE idempotency_key IS NOT NULL;

-- Keys of messages that were removed: a key is used once, for ever.
CREATE TABLE spent_key (
    principal TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    id BLOB NOT NULL CHECK (length(id) = 16),
    sequence INTEGER NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (principal, idempotency_key)
) STRICT, WITHOUT ROWID;

CREATE TABLE job (
    number INTEGER PRIMARY KEY REFERENCES message (number),
    conversation INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN
        ('queued', 'working', 'answered', 'delivered', 'cancelled', 'refused', 'expired', 'dead')),
    head INTEGER NOT NULL CHECK (head IN (0, 1)),  -- The oldest open one of its conversation.
    turn INTEGER NOT NULL,
    run_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ended_at INTEGER,
    lease_until INTEGER,
    generation INTEGER,
    epoch INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    crashes INTEGER NOT NULL,
    reason TEXT NOT NULL,
    CHECK ((state = 'working') = (lease_until IS NOT NULL)),
    CHECK ((state = 'working') = (generation IS NOT NULL)),
    CHECK (state <> 'working' OR head = 1),
    CHECK ((state IN ('queued', 'working')) = (ended_at IS NULL)),
    CHECK (head = 0 OR ended_at IS NULL)
) STRICT;
-- One head per conversation, and only a head works: at most one answer at a time, in order.
CREATE UNIQUE INDEX job_head ON job (conversation) WHERE head = 1;
CREATE INDEX job_claim ON job (turn, number, run_at, crashes) WHERE head = 1 AND state = 'queued';
CREATE INDEX job_queued ON job (conversation, number, turn) WHERE state = 'queued';
CREATE INDEX job_expiry ON job (expires_at) WHERE state = 'queued';
CREATE INDEX job_lease ON job (lease_until) WHERE state = 'working';
CREATE INDEX job_ended ON job (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE partial (
    number INTEGER PRIMARY KEY REFERENCES message (number),
    body BLOB NOT NULL
) STRICT;

CREATE TABLE answer (
    number INTEGER PRIMARY KEY REFERENCES message (number),  -- Never two.
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    finish TEXT NOT NULL,
    degraded INTEGER NOT NULL CHECK (degraded IN (0, 1)),
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    estimated INTEGER NOT NULL CHECK (estimated IN (0, 1)),
    cost_usd REAL,
    latency INTEGER NOT NULL,
    first_token INTEGER,
    turns_left_out INTEGER NOT NULL,
    format INTEGER NOT NULL CHECK (format = 0),
    checksum INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;

CREATE TABLE try (
    number INTEGER NOT NULL REFERENCES message (number),
    n INTEGER NOT NULL,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    outcome TEXT NOT NULL,
    class TEXT,
    origin TEXT,
    scope TEXT,
    http_status INTEGER,
    code TEXT,
    detail TEXT,
    took INTEGER NOT NULL,
    first_content_after INTEGER,
    input_tokens INTEGER,
    output_tokens INTEGER,
    estimated INTEGER,
    cost_usd REAL,
    turns_left_out INTEGER NOT NULL,
    probe INTEGER NOT NULL,
    PRIMARY KEY (number, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger (
    day TEXT NOT NULL,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    tries INTEGER NOT NULL,
    answers INTEGER NOT NULL,
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    estimated INTEGER NOT NULL,
    cost_usd REAL NOT NULL,
    cost_unknown INTEGER NOT NULL,
    PRIMARY KEY (day, provider, model)
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox (
    number INTEGER PRIMARY KEY REFERENCES message (number),
    frontend TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('answer', 'expired', 'refused', 'dead')),
    notice TEXT NOT NULL,
    shown_at INTEGER
) STRICT;
CREATE INDEX outbox_pending ON outbox (frontend, number) WHERE shown_at IS NULL;
)sql";

// Calls of programs: the request as it came, what its surface keeps beside it, and how the answer came.
constexpr std::string_view version_2 = R"sql(
ALTER TABLE message ADD COLUMN fingerprint TEXT NOT NULL DEFAULT '';
ALTER TABLE spent_key ADD COLUMN fingerprint TEXT NOT NULL DEFAULT '';

CREATE TABLE call (
    number INTEGER PRIMARY KEY REFERENCES message (number),
    dialect TEXT NOT NULL,
    provider TEXT NOT NULL,
    format INTEGER NOT NULL CHECK (format = 0),
    checksum INTEGER NOT NULL,
    body BLOB NOT NULL CHECK (length(body) > 0),
    record_checksum INTEGER NOT NULL,
    record BLOB NOT NULL
) STRICT;

-- What an answer holds beyond its text.
CREATE TABLE answer_detail (
    number INTEGER PRIMARY KEY REFERENCES answer (number),
    format INTEGER NOT NULL CHECK (format = 0),
    checksum INTEGER NOT NULL,  -- Over the three, each behind the other's length.
    tool_calls BLOB NOT NULL,
    reasoning BLOB NOT NULL,
    pieces BLOB NOT NULL
) STRICT;
)sql";

// Keys of the gateway and what was used up through it. Of a key only the keyed hash is kept. Limits are NULL where
// there is none; lists hold one entry a line. A row of `usage` is the sum of one minute, or, once folded, of one day.
constexpr std::string_view version_3 = R"sql(
CREATE TABLE access_key (
    number INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    name TEXT NOT NULL CHECK (length(CAST(name AS BLOB)) BETWEEN 1 AND 64),
    prefix TEXT NOT NULL,
    hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
    scopes INTEGER NOT NULL,
    requests_per_minute INTEGER CHECK (requests_per_minute > 0),
    tokens_per_day INTEGER CHECK (tokens_per_day >= 0),
    usd_per_day REAL CHECK (usd_per_day >= 0),
    usd_per_month REAL CHECK (usd_per_month >= 0),
    concurrent INTEGER CHECK (concurrent > 0),
    downgrade INTEGER NOT NULL CHECK (downgrade IN (0, 1)),
    webhooks TEXT NOT NULL,
    models TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER
) STRICT;
CREATE UNIQUE INDEX access_key_name ON access_key (name) WHERE revoked_at IS NULL;

CREATE TABLE hashing_key (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    bytes BLOB NOT NULL CHECK (length(bytes) = 32)
) STRICT;

CREATE TABLE usage (
    minutes INTEGER NOT NULL CHECK (minutes IN (1, 1440)),
    start INTEGER NOT NULL CHECK (start % (minutes * 60000) = 0),
    key BLOB NOT NULL CHECK (length(key) = 16),
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    tries INTEGER NOT NULL,
    answers INTEGER NOT NULL,
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    estimated INTEGER NOT NULL CHECK (estimated IN (0, 1)),
    cost_usd REAL NOT NULL,
    cost_unknown INTEGER NOT NULL,
    PRIMARY KEY (minutes, start, key, provider, model)
) STRICT, WITHOUT ROWID;
CREATE INDEX usage_key ON usage (key, start);
)sql";

constexpr std::array<std::string_view, 3> all_migrations{version_1, version_2, version_3};

[[noreturn]] void refuse(std::string detail, std::string code) {
    throw Failure{own_fault(ErrorClass::storage, std::move(detail), std::move(code)).error()};
}

}  // namespace

std::span<const std::string_view> migrations() noexcept { return all_migrations; }

int schema_version(Database& database) { return std::stoi("0" + database.answer_to("PRAGMA user_version")); }

void migrate(Database& database, const std::string& file, std::span<const std::string_view> steps) {
    const int found = schema_version(database);
    const int newest = static_cast<int>(steps.size());
    const std::string owner = database.answer_to("PRAGMA application_id");
    const bool empty = database.answer_to("SELECT count(*) FROM sqlite_schema") == "0";
    if (owner != std::to_string(application_id) && !empty)
        refuse(file + " belongs to another program; choose another data directory", "foreign_file");
    if (found > newest)
        refuse(file + " has schema " + std::to_string(found) + ", and this Evenkeel knows " + std::to_string(newest) +
                   ": it was written by a newer version. Use that version, or a backup made before the change",
               "newer_schema");
    if (found > 0 && found < newest && file != ":memory:") {
        // A copy from an earlier, broken-off try may be half a copy.
        const std::string copy = file + ".v" + std::to_string(found);
        std::error_code ignored;
        std::filesystem::remove(copy, ignored);
        copy_database(database, copy);
    }
    for (int version = found; version < newest; ++version) {
        database.script("BEGIN IMMEDIATE");
        database.script(std::string(steps[static_cast<std::size_t>(version)]));
        database.script("PRAGMA application_id = " + std::to_string(application_id) +
                        "; PRAGMA user_version = " + std::to_string(version + 1));
        failpoint("store.migration.before_commit");
        database.script("COMMIT");
        failpoint("store.migration.after_commit");
    }
}

}  // namespace evenkeel::sqlite

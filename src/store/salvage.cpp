#include "store/salvage.hpp"

#include <array>
#include <filesystem>
#include <fstream>

#include "core/json_writer.hpp"
#include "core/text.hpp"
#include "store/checksum.hpp"
#include "store/files.hpp"
#include "store/jobs.hpp"

namespace evenkeel {
namespace sqlite {
namespace {

namespace fs = std::filesystem;

/// Seeks in a row that may fail before the rest counts as unreadable: a damaged page takes some with it.
constexpr int misses_max = 100'000;

/// A header that tells of more is itself damaged: 64 GiB.
constexpr std::uintmax_t pages_max = std::uintmax_t{64} << 30 >> 12;

/// The copy that is read; goes with its log when done.
class Copy {
public:
    Copy(const std::string& from, std::string to) : file_(std::move(to)) {
        create_private(file_);
        for (const char* part : {"", "-wal"}) {
            std::error_code error;
            if (*part != '\0' && !fs::exists(from + part)) continue;
            fs::copy_file(from + part, file_ + part, fs::copy_options::overwrite_existing, error);
            if (error)
                throw Failure{own_fault(ErrorClass::storage, from + part + ": " + error.message(), "io_error").error()};
        }
    }
    /// A cut file is refused as a whole; with empty pages in place of the lost ones the rest can be read.
    void lengthen() {
        std::array<unsigned char, 32>
            header{};  // Offsets 16 and 28: page size and pages (sqlite.org/fileformat2.html).
        std::ifstream(file_, std::ios::binary).read(reinterpret_cast<char*>(header.data()), header.size());
        const std::uintmax_t page = std::uintmax_t{header[16]} << 8 | header[17];
        std::uintmax_t pages = 0;
        for (std::size_t i = 28; i < header.size(); ++i) pages = pages << 8 | header[i];
        std::error_code error;
        if (pages <= pages_max && page * pages > fs::file_size(file_, error))
            fs::resize_file(file_, page * pages, error);
    }
    ~Copy() {
        for (const char* part : {"", "-wal", "-shm", "-journal"}) {
            std::error_code ignored;
            fs::remove(file_ + part, ignored);
        }
    }
    Copy(const Copy&) = delete;
    Copy& operator=(const Copy&) = delete;
    const std::string& file() const noexcept { return file_; }

private:
    std::string file_;
};

struct Row {
    Id id;
    std::int64_t number = 0, sequence = 0;
    WallTime accepted_at{};
    std::string principal;
    std::optional<std::string> question, answer, state, conversation;
    bool damaged = false;
};

/// What `read` gives, or nothing where the database is damaged just there.
template <class Read>
auto tried(bool& damaged, Read read) -> std::invoke_result_t<Read&> {
    try {
        return read();
    } catch (const Failure& failure) {
        if (failure.error.code != "damaged") throw;
        damaged = true;
        return {};
    }
}

std::optional<std::string> text_of(Statement row) {
    if (!row.step()) return std::nullopt;
    return row.text(0);
}

/// A body with its checksum in column 1; damaged when that does not hold.
std::optional<std::string> body_of(Statement row, char kind, std::int64_t number, bool& damaged) {
    if (!row.step()) return std::nullopt;
    std::string body = row.text(0);
    if (checksum(kind, number, body) == row.integer(1)) return body;
    damaged = true;
    return std::nullopt;
}

std::optional<Row> next_row(Database& db, std::int64_t after) {
    auto row = db.query(
        "SELECT number, id, principal, sequence, accepted_at FROM message WHERE number > ? ORDER BY number LIMIT 1",
        after);
    if (!row.step()) return std::nullopt;
    return Row{.id = row.id(1),
               .number = row.integer(0),
               .sequence = row.integer(3),
               .accepted_at = row.wall(4),
               .principal = row.text(2)};
}

void fill(Database& db, Row& row) {
    const std::int64_t n = row.number;
    row.question = tried(row.damaged, [&] {
        return body_of(db.query("SELECT body, checksum FROM message WHERE number = ?", n), question_kind, n,
                       row.damaged);
    });
    row.answer = tried(row.damaged, [&] {
        return body_of(db.query("SELECT body, checksum FROM answer WHERE number = ?", n), answer_kind, n, row.damaged);
    });
    row.state = tried(row.damaged, [&] { return text_of(db.query("SELECT state FROM job WHERE number = ?", n)); });
    row.conversation = tried(row.damaged, [&] {
        return text_of(
            db.query("SELECT name FROM conversation WHERE number = "
                     "(SELECT conversation FROM message WHERE number = ?)",
                     n));
    });
    row.damaged = row.damaged || !row.question || !row.state || !row.conversation;
}

std::string line_of(const Row& row) {
    std::string line;
    JsonWriter json(line);
    const auto member = [&json](std::string_view name, const std::optional<std::string>& text) {
        json.name(name);
        text ? json.value(std::string_view(*text)) : json.null();
    };
    json.object().member("id", to_string(row.id)).member("principal", row.principal);
    member("conversation", row.conversation);
    json.member("sequence", row.sequence).member("accepted_at", format_wall(row.accepted_at));
    member("state", row.state);
    member("question", row.question);
    member("answer", row.answer);
    json.member("damaged", row.damaged).end_object();
    return line + "\n";
}

void scan(Database& db, std::ostream& out, SalvageReport& report) {
    int misses = 0;
    for (std::int64_t number = 0; misses < misses_max;) {
        bool unreadable = false;
        auto row = tried(unreadable, [&] { return next_row(db, number); });
        if (unreadable) {
            ++number;
            ++misses;
            continue;
        }
        if (!row) return;
        // Rows that were passed over count only when something follows: nobody knows how many there were at the end.
        report.damaged += std::exchange(misses, 0);
        fill(db, *row);
        number = row->number;
        ++(row->damaged ? report.damaged : report.messages);
        out << line_of(*row);
    }
}

SalvageReport salvage(const std::string& damaged, const std::string& target) {
    Copy copy(damaged, target + ".part");
    copy.lengthen();
    create_private(target);
    SalvageReport report{.file = target};
    std::ofstream out(target, std::ios::binary);
    Database db(copy.file(), {});
    try {
        db.script("PRAGMA locking_mode = EXCLUSIVE");
        static_cast<void>(db.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'message'"));
        scan(db, out, report);
    } catch (const Failure& failure) {
        if (report.messages + report.damaged > 0 && failure.error.code == "damaged") return report;
        std::error_code ignored;
        fs::remove(target, ignored);
        throw Failure{own_fault(ErrorClass::storage, damaged + ": nothing can be read (" + failure.error.detail + ")",
                                "unreadable")
                          .error()};
    }
    out.flush();
    if (!out) throw Failure{own_fault(ErrorClass::storage, target + " could not be written", "disk_full").error()};
    return report;
}

}  // namespace
}  // namespace sqlite

Result<SalvageReport> salvage_sqlite(const std::string& damaged, const std::string& target) {
    try {
        return sqlite::salvage(damaged, target);
    } catch (const sqlite::Failure& failure) {
        return fail(failure.error);
    }
}

}  // namespace evenkeel

#include "testing/crash_image.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <unordered_map>

namespace evenkeel::testing {
namespace {

constexpr std::int64_t sector = 512;

void put(std::string& content, std::int64_t offset, std::string_view bytes) {
    const auto end = static_cast<std::size_t>(offset) + bytes.size();
    if (content.size() < end) content.resize(end, '\0');
    content.replace(static_cast<std::size_t>(offset), bytes.size(), bytes);
}

/// The pieces of a write, cut where sectors end.
template <class Take>
void for_sectors(std::int64_t offset, std::string_view bytes, Take take) {
    while (!bytes.empty()) {
        const std::int64_t room = sector - offset % sector;
        const std::string_view piece = bytes.substr(0, static_cast<std::size_t>(room));
        take(offset, piece);
        bytes.remove_prefix(piece.size());
        offset += static_cast<std::int64_t>(piece.size());
    }
}

}  // namespace

int CrashImages::named(const std::string& name) {
    if (const auto found = names_.find(name); found != names_.end()) return found->second;
    inodes_.emplace_back();
    const int inode = static_cast<int>(inodes_.size()) - 1;
    names_[name] = inode;
    name_changes_.push_back({name, inode});
    return inode;
}

void CrashImages::settle_names(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        if (name_changes_[i].inode < 0)
            durable_names_.erase(name_changes_[i].name);
        else
            durable_names_[name_changes_[i].name] = name_changes_[i].inode;
    }
    name_changes_.erase(name_changes_.begin(), name_changes_.begin() + static_cast<std::ptrdiff_t>(count));
}

void CrashImages::sync(const std::string& name) {
    const int number = named(name);
    Inode& inode = inodes_[static_cast<std::size_t>(number)];
    for (const Change& change : inode.pending) {
        if (change.truncates)
            inode.durable.resize(static_cast<std::size_t>(change.offset), '\0');
        else
            put(inode.durable, change.offset, change.bytes);
    }
    inode.pending.clear();
    // SQLite syncs the directory with a log's first sync; a journalling file system does so for any new file.
    for (std::size_t i = name_changes_.size(); i > 0; --i)
        if (name_changes_[i - 1].inode == number) return settle_names(i);
}

bool CrashImages::advance() {
    if (at_ == records_.size()) return false;
    const RecordingDisk::Record& record = records_[at_++];
    switch (record.step) {
        case Disk::Step::open: {
            Inode& inode = inodes_[static_cast<std::size_t>(named(record.file))];
            if (!record.durable) break;
            inode.durable = record.bytes;
            settle_names(name_changes_.size());
            break;
        }
        case Disk::Step::write:
            inodes_[static_cast<std::size_t>(named(record.file))].pending.push_back(
                {.offset = record.offset, .bytes = record.bytes});
            break;
        case Disk::Step::truncate:
            inodes_[static_cast<std::size_t>(named(record.file))].pending.push_back(
                {.offset = record.offset, .truncates = true});
            break;
        case Disk::Step::sync: sync(record.file); break;
        case Disk::Step::remove:
            names_.erase(record.file);
            name_changes_.push_back({record.file, -1});
            if (record.durable) settle_names(name_changes_.size());
            break;
        case Disk::Step::rename: {
            const int inode = named(record.file);
            names_.erase(record.file);
            names_[record.to] = inode;
            name_changes_.push_back({record.file, -1});
            name_changes_.push_back({record.to, inode});
            break;
        }
        case Disk::Step::sync_directory: settle_names(name_changes_.size()); break;
        case Disk::Step::read: break;
    }
    return true;
}

std::size_t CrashImages::unsynced() const noexcept {
    std::size_t count = 0;
    for (const Inode& inode : inodes_) count += inode.pending.size();
    return count;
}

std::string CrashImages::content(const Inode& inode, std::size_t first, Loss loss, std::size_t which,
                                 Random& random) const {
    std::string content = inode.durable;
    if (loss == Loss::all) return content;
    std::unordered_map<std::int64_t, std::size_t> versions;  // Of a sector: how many changes it has seen.
    const bool sparse = random.bits() % 2 == 0;
    const auto version = [&](std::int64_t place) {
        const auto [found, fresh] = versions.try_emplace(place, 0);
        if (fresh) {
            const std::uint64_t chance = random.bits();
            // Half of the images lose much, half of them little.
            const bool whole = (chance >> 32) % 8 >= (sparse ? 6U : 1U);
            found->second = whole ? inode.pending.size() : chance % (inode.pending.size() + 1);
        }
        return found->second;
    };
    std::size_t extent = content.size();
    for (std::size_t i = 0; i < inode.pending.size(); ++i) {
        const Change& change = inode.pending[i];
        const std::size_t global = first + i;
        const bool kept = loss == Loss::none || (loss == Loss::one_lost && global != which) ||
                          (loss == Loss::one_kept && global == which) || (loss == Loss::torn && global < which);
        if (change.truncates) {
            if (kept || (loss == Loss::scattered && i < version(-1)))
                content.resize(static_cast<std::size_t>(change.offset), '\0');
            continue;
        }
        extent = std::max(extent, static_cast<std::size_t>(change.offset) + change.bytes.size());
        if (kept) {
            put(content, change.offset, change.bytes);
        } else if (loss == Loss::torn && global == which) {
            const std::size_t bytes = random.bits() % (change.bytes.size() + 1);
            for_sectors(change.offset, change.bytes, [&](std::int64_t at, std::string_view piece) {
                if (at + static_cast<std::int64_t>(piece.size()) <= change.offset + static_cast<std::int64_t>(bytes))
                    put(content, at, piece);
            });
        } else if (loss == Loss::scattered) {
            for_sectors(change.offset, change.bytes, [&](std::int64_t at, std::string_view piece) {
                if (i < version(at / sector)) put(content, at, piece);
            });
        }
    }
    if (loss == Loss::scattered && random.bits() % 4 == 0 && content.size() < extent) content.resize(extent, '\0');
    return content;
}

DiskImage CrashImages::image(Loss loss, std::size_t which, Random& random) const {
    auto names = durable_names_;
    const std::size_t arrived = loss == Loss::all       ? 0
                                : loss == Loss::none    ? name_changes_.size()
                                : name_changes_.empty() ? 0
                                                        : random.bits() % (name_changes_.size() + 1);
    for (std::size_t i = 0; i < arrived; ++i) {
        if (name_changes_[i].inode < 0)
            names.erase(name_changes_[i].name);
        else
            names[name_changes_[i].name] = name_changes_[i].inode;
    }
    DiskImage image;
    for (const auto& [name, number] : names) {
        std::size_t first = 0;
        for (int i = 0; i < number; ++i) first += inodes_[static_cast<std::size_t>(i)].pending.size();
        image[name] = content(inodes_[static_cast<std::size_t>(number)], first, loss, which, random);
    }
    return image;
}

void lay_down(const DiskImage& image, const std::string& directory) {
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(directory))
        std::filesystem::remove(entry.path(), ignored);
    for (const auto& [name, content] : image) {
        const auto path = std::filesystem::path(directory) / std::filesystem::path(name).filename();
        std::ofstream(path, std::ios::binary).write(content.data(), static_cast<std::streamsize>(content.size()));
    }
}

std::uint64_t fingerprint(const DiskImage& image) noexcept {
    std::uint64_t mixed = 0;
    for (const auto& [name, content] : image) {
        mixed = mixed * 0x9e3779b97f4a7c15 + std::hash<std::string_view>{}(name);
        mixed = mixed * 0x9e3779b97f4a7c15 + std::hash<std::string_view>{}(content);
    }
    return mixed;
}

}  // namespace evenkeel::testing

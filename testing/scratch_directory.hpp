#pragma once
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <string>

namespace evenkeel::testing {

/// A directory of its own for one test, removed with everything in it.
class ScratchDirectory {
public:
    ScratchDirectory() {
        static std::atomic<int> count{0};
        // In memory where the system offers it: what tests prove is the order of steps, not the speed of a disk.
        const std::filesystem::path memory = "/dev/shm";
        path_ = (::access(memory.c_str(), W_OK) == 0 ? memory : std::filesystem::temp_directory_path()) /
                ("evenkeel-test-" + std::to_string(::getpid()) + "-" + std::to_string(++count));
        std::filesystem::create_directories(path_);
    }
    ~ScratchDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    ScratchDirectory(const ScratchDirectory&) = delete;
    ScratchDirectory& operator=(const ScratchDirectory&) = delete;
    const std::filesystem::path& path() const noexcept { return path_; }
    std::string file(const std::string& name) const { return (path_ / name).string(); }

private:
    std::filesystem::path path_;
};

}  // namespace evenkeel::testing

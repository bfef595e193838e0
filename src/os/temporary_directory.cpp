#include "os/temporary_directory.hpp"

#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "os/files.hpp"

namespace evenkeel::os {

Result<TemporaryDirectory> TemporaryDirectory::make(const std::string& parent, const std::string& name) {
    std::string path = (parent.empty() ? std::string("/tmp") : parent) + "/" + name + "XXXXXX";
    if (::mkdtemp(path.data()) == nullptr) return file_fault("make the temporary directory", path, errno);
    return TemporaryDirectory(std::move(path));
}

TemporaryDirectory::~TemporaryDirectory() {
    std::error_code ignored;  // What cannot be removed is left to the system's own cleaning of /tmp.
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace evenkeel::os

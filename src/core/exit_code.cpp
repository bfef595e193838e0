#include "core/exit_code.hpp"

namespace evenkeel {

ExitCode exit_code_for(const Error& error) noexcept {
    switch (error.cls) {
        case ErrorClass::request:
            if (error.code == "usage") return ExitCode::usage;
            return error.code == "not_found" ? ExitCode::not_found : ExitCode::refused;
        case ErrorClass::policy: return ExitCode::refused;
        case ErrorClass::storage: return ExitCode::storage;
        case ErrorClass::cancelled: return ExitCode::interrupted;
        case ErrorClass::internal: return ExitCode::internal;
        default: return ExitCode::unavailable;
    }
}

}  // namespace evenkeel

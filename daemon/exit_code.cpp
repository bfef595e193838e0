#include "daemon/exit_code.hpp"

namespace evenkeel {

ExitCode exit_code_of(const Error& error) noexcept {
    if (error.code == "usage") return ExitCode::usage;
    if (error.code == "configuration") return ExitCode::configuration;
    if (error.code == "not_found" && error.cls == ErrorClass::request) return ExitCode::not_found;
    switch (error.cls) {
        case ErrorClass::request:
        case ErrorClass::policy:
        case ErrorClass::capacity: return ExitCode::refused;
        case ErrorClass::transient:
        case ErrorClass::overload:
        case ErrorClass::silent:
        case ErrorClass::account:
        case ErrorClass::model_gone:
        case ErrorClass::bad_answer: return ExitCode::unavailable;
        case ErrorClass::cancelled: return ExitCode::interrupted;
        case ErrorClass::internal: return ExitCode::internal;
        case ErrorClass::storage: return ExitCode::storage;
    }
    return ExitCode::internal;
}

}  // namespace evenkeel

#pragma once
#include "daemon/application.hpp"

namespace evenkeel {

/// `evenkeel doctor` on this machine: the settings were read, whether they are good or not.
Task<int> run_doctor(Application& application);

}  // namespace evenkeel

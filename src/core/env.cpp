#include "core/env.hpp"

namespace evenkeel {

double Random::unit() noexcept { return static_cast<double>(bits() >> 11) * 0x1.0p-53; }

Nanos Random::jittered(Nanos base, double share) noexcept {
    const double factor = 1.0 - share + 2.0 * share * unit();
    return Nanos{static_cast<Nanos::rep>(static_cast<double>(base.count()) * factor)};
}

}  // namespace evenkeel

#pragma once
#include <optional>
#include <string>

#include "core/json.hpp"
#include "core/result.hpp"
#include "core/secret.hpp"
#include "store/key_records.hpp"

namespace evenkeel {

/// What `key.create` asks for.
struct NewKey {
    KeyRecord record;  ///< Without hash and times.
    Secret text;
    std::optional<Millis> expires_in;
};

/// Reads and checks the arguments of `key.create` (key_operations.hpp). Errors: request "bad_argument", which names the
/// argument and how to write it.
Result<NewKey> read_new_key(Json arguments);

}  // namespace evenkeel

#pragma once
#include <string>
#include <vector>

#include "chat/desk.hpp"
#include "core/env.hpp"
#include "daemon/cli.hpp"
#include "daemon/render.hpp"

namespace evenkeel {

/// What of the settings the commands on keys speak of.
struct KeyTalk {
    std::string listen;                 ///< [server] listen: where a new key is used.
    std::vector<std::string> unpriced;  ///< Providers that are not local and have no price: they count no money.
};

/// Makes a key and shows it, this once: only its hash is kept. With --quiet the key alone, for scripts; with --json
/// what key.create gives (access/key_operations.hpp) and the `key`.
Task<int> run_key_create(Desk& desk, Env env, command::KeyCreate options, KeyTalk talk, Output& output);
Task<int> run_key_list(Desk& desk, command::KeyList options, Output& output);
/// With several the first that fails decides the code; the others are done all the same.
Task<int> run_key_revoke(Desk& desk, command::KeyRevoke options, Output& output);

/// "60 requests a minute · 4 at a time"; "none" without any.
std::string key_limits_text(Json limits);

}  // namespace evenkeel

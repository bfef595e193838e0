#pragma once
#include "store/engine.hpp"
#include "store/jobs.hpp"

namespace evenkeel::sqlite {

inline constexpr std::int64_t retire_max =
    1'000;  ///< Messages that one `retire` removes; call again until it gives less.

class SqliteConversations final : public ConversationEngine {
public:
    explicit SqliteConversations(Session& session) noexcept : session_(session) {}
    Result<std::vector<Turn>> history(std::string_view principal, std::string_view conversation, std::int64_t sequence,
                                      std::size_t messages_max) override;
    Result<std::vector<ConversationView>> conversations(std::string_view principal, std::size_t most) override;
    Result<std::vector<JobView>> transcript(std::string_view principal, std::string_view conversation) override;
    Result<void> forget(std::string_view principal, std::string_view conversation) override;
    Result<void> remove(std::string_view principal, const Id& id) override;
    Result<void> make_private(std::string_view principal, std::string_view conversation, WallTime now) override;
    Result<std::size_t> retire(WallTime before) override;

private:
    std::int64_t need_conversation(std::string_view principal, std::string_view name);
    void remove_message(std::int64_t number);
    Session& session_;
};

}  // namespace evenkeel::sqlite

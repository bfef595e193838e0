#include "daemon/cli.hpp"

namespace evenkeel {
namespace {

using testing::AllOf;
using testing::HasSubstr;

Result<Invocation> parse(std::vector<std::string> arguments) { return parse_command_line(arguments); }

template <class T>
T parsed(std::vector<std::string> arguments) {
    auto invocation = parse(std::move(arguments));
    EXPECT_TRUE(invocation) << describe(invocation.error());
    if (!invocation || !std::holds_alternative<T>(invocation->command)) {
        ADD_FAILURE() << "another command";
        return {};
    }
    return std::get<T>(invocation->command);
}

TEST(CommandLine, knows_every_command) {
    parsed<command::None>({});
    EXPECT_EQ(parsed<command::Chat>({"chat", "--conversation", "work", "--private"}).conversation, "work");
    parsed<command::Serve>({"serve"});
    EXPECT_TRUE(parsed<command::QueueList>({"queue", "list", "--all", "--limit", "7"}).all);
    EXPECT_EQ(parsed<command::QueueList>({"queue", "list", "--limit=7"}).limit, 7);
    EXPECT_EQ(parsed<command::QueueShow>({"queue", "show", "0193c1"}).id, "0193c1");
    EXPECT_EQ(parsed<command::QueueRetry>({"queue", "retry", "a", "b"}).ids, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(parsed<command::QueueCancel>({"queue", "cancel", "a"}).ids, std::vector<std::string>{"a"});
    EXPECT_TRUE(parsed<command::QueueRun>({"queue", "run", "--until-empty"}).until_empty);
    EXPECT_EQ(parsed<command::QueueExport>({"queue", "export", "f"}).file, "f");
    EXPECT_EQ(parsed<command::ConversationList>({"conversation", "list"}).limit, 100);
    EXPECT_EQ(parsed<command::ConversationShow>({"conversation", "show", "c"}).id, "c");
    EXPECT_EQ(parsed<command::ConversationExport>({"conversation", "export", "c", "f"}).file, "f");
    EXPECT_TRUE(parsed<command::ConversationDelete>({"conversation", "delete", "c", "--yes"}).yes);
    EXPECT_TRUE(parsed<command::KeyList>({"key", "list", "--all"}).all);
    EXPECT_EQ(parsed<command::KeyRevoke>({"key", "revoke", "a", "b"}).keys, (std::vector<std::string>{"a", "b"}));
    EXPECT_TRUE(parsed<command::Cost>({"cost", "--by-key"}).by_key);
    parsed<command::Status>({"status"});
    EXPECT_EQ(parsed<command::Cost>({"cost", "--days", "7"}).days, 7);
    parsed<command::Doctor>({"doctor"});
    EXPECT_TRUE(parsed<command::Rehearse>({"rehearse", "--quick"}).quick);
    EXPECT_EQ(parsed<command::ConfigInit>({"config", "init"}).file, "evenkeel.toml");
    EXPECT_TRUE(parsed<command::ConfigInit>({"config", "init", "f", "--force"}).force);
    parsed<command::ConfigCheck>({"config", "check"});
    parsed<command::ConfigShow>({"config", "show"});
    EXPECT_EQ(parsed<command::Backup>({"backup", "f"}).file, "f");
}

TEST(CommandLine, reads_the_limits_of_a_key) {
    const auto plain = parsed<command::KeyCreate>({"key", "create", "my-bot"});
    EXPECT_EQ(plain.name, "my-bot");
    EXPECT_TRUE(plain.scopes.empty());
    EXPECT_FALSE(plain.requests_per_minute || plain.usd_per_day || plain.expires || plain.downgrade);
    const auto full = parsed<command::KeyCreate>({"key",
                                                  "create",
                                                  "--scope",
                                                  "chat,models",
                                                  "--scope",
                                                  "metrics",
                                                  "--requests-per-minute",
                                                  "60",
                                                  "--tokens-per-day",
                                                  "100000",
                                                  "--usd-per-day",
                                                  "0.5",
                                                  "--usd-per-month",
                                                  "0",
                                                  "--concurrent",
                                                  "4",
                                                  "--downgrade",
                                                  "--model",
                                                  "a",
                                                  "--model",
                                                  "b",
                                                  "--webhook",
                                                  "https://h.example/",
                                                  "--expires",
                                                  "30d",
                                                  "bot"});
    EXPECT_EQ(full.name, "bot");
    EXPECT_EQ(full.scopes, (std::vector<std::string>{"chat", "models", "metrics"}));
    EXPECT_EQ(full.requests_per_minute, 60);
    EXPECT_EQ(full.tokens_per_day, 100'000);
    EXPECT_EQ(full.usd_per_day, 0.5);
    EXPECT_EQ(full.usd_per_month, 0.0);
    EXPECT_EQ(full.concurrent, 4);
    EXPECT_TRUE(full.downgrade);
    EXPECT_EQ(full.models, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(full.webhooks, std::vector<std::string>{"https://h.example/"});
    EXPECT_EQ(full.expires, Millis{30LL * 24 * 3'600'000});
    for (const std::vector<std::string>& wrong :
         std::vector<std::vector<std::string>>{{"key", "create"},
                                               {"key"},
                                               {"key", "revoke"},
                                               {"key", "create", "b", "--requests-per-minute", "0"},
                                               {"key", "create", "b", "--concurrent", "some"},
                                               {"key", "create", "b", "--usd-per-day", "-1"},
                                               {"key", "create", "b", "--expires", "soon"}}) {
        const auto refused = parse(wrong);
        ASSERT_FALSE(refused) << wrong.back();
        EXPECT_EQ(refused.error().code, "usage");
    }
}

TEST(CommandLine, reads_a_question_from_one_word_or_many) {
    EXPECT_EQ(parsed<command::Ask>({"ask", "why is it so?"}).question, "why is it so?");
    EXPECT_EQ(parsed<command::Ask>({"ask", "why", "is", "it", "so?"}).question, "why is it so?");
    EXPECT_EQ(parsed<command::Ask>({"ask"}).question, "");
    EXPECT_EQ(parsed<command::Ask>({"ask", "--", "--why"}).question, "--why");
    const auto ask = parsed<command::Ask>(
        {"ask", "q", "--wait", "10m", "--stream", "--model", "m", "--practice", "--private", "--conversation", "c"});
    EXPECT_EQ(ask.wait, Millis{600'000});
    EXPECT_TRUE(ask.stream && ask.practice && ask.is_private);
    EXPECT_EQ(ask.model, "m");
    EXPECT_EQ(ask.conversation, "c");
}

TEST(CommandLine, takes_common_flags_before_and_behind_the_command) {
    for (const auto& arguments : {std::vector<std::string>{"--json", "--data", "d", "queue", "list"},
                                  std::vector<std::string>{"queue", "list", "--json", "--data", "d"}}) {
        const auto invocation = parse(arguments);
        ASSERT_TRUE(invocation);
        EXPECT_TRUE(invocation->flags.json);
        EXPECT_EQ(invocation->flags.data, "d");
        EXPECT_TRUE(std::holds_alternative<command::QueueList>(invocation->command));
    }
    const auto invocation = parse({"--config", "c", "--quiet", "--no-color"});
    ASSERT_TRUE(invocation);
    EXPECT_TRUE(invocation->flags.quiet && invocation->flags.no_color);
    EXPECT_EQ(invocation->flags.config, "c");
}

TEST(CommandLine, suggests_what_was_probably_meant) {
    struct Case {
        std::vector<std::string> arguments;
        std::string says;
    };
    for (const Case& each :
         {Case{{"quue"}, "evenkeel has no command \"quue\". Did you mean \"queue\"?"},
          Case{{"queue", "lsit"}, "evenkeel queue has no command \"lsit\". Did you mean \"list\"?"},
          Case{{"ask", "hi", "--steam"}, "evenkeel ask has no flag \"--steam\". Did you mean \"--stream\"?"},
          Case{{"status", "--jsn"}, "Did you mean \"--json\"?"},
          Case{{"chat", "--modle=x"}, "no flag \"--modle\". Did you mean \"--model\"?"},
          Case{{"frobnicate"}, "See evenkeel --help."}, Case{{"status", "extra"}, "does not take \"extra\""},
          Case{{"queue"}, "list, show, retry, cancel, run, export"}, Case{{"queue", "show"}, "ID"},
          Case{{"cost", "--days", "0"}, "--days"}, Case{{"ask", "q", "--wait", "soon"}, "30s, 10m"},
          Case{{"ask", "q", "--wait"}, "--wait"}}) {
        const auto invocation = parse(each.arguments);
        ASSERT_FALSE(invocation) << each.says;
        EXPECT_EQ(invocation.error().code, "usage");
        EXPECT_THAT(invocation.error().detail, HasSubstr(each.says));
    }
}

TEST(CommandLine, helps_with_all_and_with_each_command) {
    const std::string all = parsed<command::ShowText>({"--help"}).text;
    for (const std::string_view word :
         {"chat", "ask", "serve", "queue", "conversation", "key", "status", "cost", "doctor", "rehearse", "config",
          "backup", "--config FILE", "--data DIR", "--no-color", "NANOGPT_API_KEY", "OLLAMA_HOST", "75 queued"})
        EXPECT_THAT(all, HasSubstr(word));
    const std::string ask = parsed<command::ShowText>({"ask", "--help"}).text;
    EXPECT_THAT(ask, AllOf(HasSubstr("Usage: evenkeel ask [QUESTION]"), HasSubstr("--wait DURATION"),
                           HasSubstr("Examples:"), HasSubstr("--json")));
    EXPECT_EQ(parsed<command::ShowText>({"help", "ask"}).text, ask);
    EXPECT_EQ(parsed<command::ShowText>({"queue", "show", "-h"}).text,
              parsed<command::ShowText>({"help", "queue", "show"}).text);
    EXPECT_THAT(parsed<command::ShowText>({"queue", "--help"}).text,
                AllOf(HasSubstr("Usage: evenkeel queue COMMAND"), HasSubstr("retry")));
    EXPECT_THAT(parsed<command::ShowText>({"--version"}).text, HasSubstr(EVENKEEL_VERSION));
}

TEST(CommandLine, help_fits_a_terminal) {
    for (const auto& words :
         {std::vector<std::string>{"--help"}, {"help", "ask"}, {"help", "queue", "list"}, {"help", "config"}}) {
        const std::string text = parsed<command::ShowText>(words).text;
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t end = text.find('\n', at);
            EXPECT_LE(end - at, 104u) << text.substr(at, end - at);
            at = end + 1;
        }
    }
}

TEST(CommandLine, without_a_command_does_what_suits_standard_input) {
    EXPECT_TRUE(std::holds_alternative<command::Chat>(default_command(StandardInput::terminal)));
    EXPECT_TRUE(std::holds_alternative<command::Chat>(default_command(StandardInput::lines)));
    const Command rehearsal = default_command(StandardInput::empty);
    ASSERT_TRUE(std::holds_alternative<command::Rehearse>(rehearsal));
    EXPECT_TRUE(std::get<command::Rehearse>(rehearsal).quick);
}

}  // namespace
}  // namespace evenkeel

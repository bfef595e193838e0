#include "daemon/cli.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "config/problem.hpp"
#include "core/text.hpp"
#include "daemon/cli_help.hpp"

namespace evenkeel {
namespace {

/// The command line of Evenkeel, declared to CLI11; each command's values land in a member of its own.
class Parser {
public:
    Parser() : app_("A chatbot that keeps answering when its AI providers do not.", "evenkeel") {
        app_.fallthrough()->require_subcommand(0, 1)->allow_extras();
        app_.set_help_flag();
        app_.footer("evenkeel COMMAND --help says more about one.");
        declare_common();
        declare_talk();
        declare_queue();
        declare_conversation();
        declare_key();
        declare_upkeep();
        declare_config();
    }

    Result<Invocation> parse(std::span<const std::string> arguments) {
        std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
        // "evenkeel help queue list" is what people type first.
        if (!reversed.empty() && reversed.back() == "help") {
            reversed.pop_back();
            reversed.insert(reversed.begin(), "--help");
        }
        const bool help_wanted = asks_for_help(reversed);
        std::string complaint;
        try {
            app_.parse(reversed);
        } catch (const CLI::ParseError& error) {
            complaint = error.what();
        }
        if (help_wanted) return show(help_text(deepest(app_)));
        if (version_) return show("evenkeel " EVENKEEL_VERSION "\n");
        std::vector<std::string> extras = app_.remaining(true);
        std::erase(extras, "--");
        if (!extras.empty()) return refuse(explain_extra(extras.front()));
        if (!complaint.empty()) return refuse(explain(complaint));
        return finish();
    }

private:
    CLI::App* add(CLI::App& parent, std::string name, std::string description, std::string examples) {
        CLI::App* sub = parent.add_subcommand(std::move(name), std::move(description));
        sub->set_help_flag();
        sub->footer(examples.empty() ? "" : "Examples:\n" + std::move(examples));
        return sub;
    }

    /// A command that takes exactly the members of T.
    template <class T>
    CLI::App* command(CLI::App& parent, std::string name, std::string description, std::string examples, T& values) {
        CLI::App* sub = add(parent, std::move(name), std::move(description), std::move(examples));
        sub->parse_complete_callback([this, &values] { chosen_ = values; });
        return sub;
    }

    static void text(CLI::App* app, const std::string& name, std::string& into, const std::string& type,
                     const std::string& help) {
        app->add_option(name, into, help)->type_name(type);
    }
    static CLI::Option* argument(CLI::App* app, const std::string& name, std::string& into, const std::string& help) {
        return app->add_option(name, into, help)->type_name("");
    }
    static void count(CLI::App* app, const std::string& name, std::int64_t& into, const std::string& help) {
        app->add_option(name, into, help)
            ->type_name("N")
            ->check(CLI::Range(std::int64_t{1}, std::int64_t{100'000}).description(""));
    }

    /// A limit of a key that may be left away.
    template <class T>
    static void limit(CLI::App* app, const std::string& name, std::optional<T>& into, const std::string& type,
                      double least, const std::string& help) {
        constexpr double most = 1e15;
        app->add_option(name, into, help)->type_name(type)->check(CLI::Range(least, most).description(""));
    }

    void declare_common() {
        text(&app_, "--config", flags_.config, "FILE",
             "settings file (else $EVENKEEL_CONFIG, ./evenkeel.toml, the XDG place)");
        text(&app_, "--data", flags_.data, "DIR", "data directory (else $EVENKEEL_DATA, the XDG place)");
        app_.add_flag("--json", flags_.json, "JSON on standard output");
        app_.add_flag("--quiet", flags_.quiet, "nothing but the answer; no warnings");
        app_.add_flag("--no-color", flags_.no_color, "no colours (so does NO_COLOR)");
        app_.add_flag("-h,--help", help_, "this help; behind a command, the help of it");
        app_.add_flag("--version", version_, "the version");
    }

    void declare_talk() {
        CLI::App* chat = command(app_, "chat", "Talk in the terminal; late answers arrive in the same window.",
                                 "  evenkeel chat\n  evenkeel chat --conversation work --private", chat_);
        text(chat, "--conversation", chat_.conversation, "ID", "which conversation to go on with");
        text(chat, "--model", chat_.model, "NAME", "model to ask for");
        chat->add_flag("--private", chat_.is_private, "this conversation never leaves the machine");
        chat->add_flag("--practice", chat_.practice, "talk to practice providers");

        CLI::App* ask =
            command(app_, "ask", "Ask one question; the answer goes to standard output.",
                    "  evenkeel ask \"Why is the sky blue?\"\n  git diff | evenkeel ask --wait 10m --json", ask_);
        ask->add_option("QUESTION", words_, "the question; without it, standard input")->type_name("");
        text(ask, "--conversation", ask_.conversation, "ID", "which conversation it belongs to (else one of its own)");
        text(ask, "--model", ask_.model, "NAME", "model to ask for");
        text(ask, "--wait", wait_, "DURATION", "if it must be queued, wait so long for the answer: 30s, 10m");
        ask->add_flag("--stream", ask_.stream, "show tokens as they come, also into a pipe");
        ask->add_flag("--private", ask_.is_private, "never leaves the machine");
        ask->add_flag("--practice", ask_.practice, "ask practice providers");

        CLI::App* serve = command(app_, "serve", "Run the daemon: HTTP API, queue, and what the other commands ask.",
                                  "  evenkeel serve\n  evenkeel serve --practice", serve_);
        serve->add_flag("--practice", serve_.practice, "serve practice providers, to try a client against");
    }

    void declare_queue() {
        CLI::App* queue = add(app_, "queue", "Look into the queue and act on it.", "");
        queue->require_subcommand(1);
        CLI::App* list = command(*queue, "list", "What waits for an answer, the next one first.",
                                 "  evenkeel queue list\n  evenkeel queue list --all --json", queue_list_);
        list->add_flag("--all", queue_list_.all, "also what has ended");
        count(list, "--limit", queue_list_.limit, "at most so many (100)");
        CLI::App* show = command(*queue, "show", "One question, what became of it, and its answer.",
                                 "  evenkeel queue show 0193c1d2", queue_show_);
        argument(show, "ID", queue_show_.id, "id, or its first 6 digits or more")->required();
        CLI::App* retry = command(*queue, "retry", "Make dead, expired or waiting questions due now.",
                                  "  evenkeel queue retry 0193c1d2", queue_retry_);
        retry->add_option("ID", queue_retry_.ids, "ids, or their first 6 digits or more")->type_name("")->required();
        CLI::App* cancel =
            command(*queue, "cancel", "Take questions back.", "  evenkeel queue cancel 0193c1d2", queue_cancel_);
        cancel->add_option("ID", queue_cancel_.ids, "ids, or their first 6 digits or more")->type_name("")->required();
        CLI::App* run = command(*queue, "run", "Work the queue here, in the foreground.",
                                "  evenkeel queue run --until-empty", queue_run_);
        run->add_flag("--until-empty", queue_run_.until_empty, "end when nothing waits any more");
        CLI::App* export_to = command(*queue, "export", "Everything the queue holds, one JSON object a line.",
                                      "  evenkeel queue export queue.jsonl", queue_export_);
        argument(export_to, "FILE", queue_export_.file, "where to; without it, standard output");
    }

    void declare_conversation() {
        CLI::App* conversation = add(app_, "conversation", "What is remembered, and its removal.", "");
        conversation->require_subcommand(1);
        CLI::App* list = command(*conversation, "list", "The conversations, the latest first.",
                                 "  evenkeel conversation list", conversation_list_);
        count(list, "--limit", conversation_list_.limit, "at most so many (100)");
        CLI::App* show = command(*conversation, "show", "What was said in one.",
                                 "  evenkeel conversation show terminal", conversation_show_);
        argument(show, "ID", conversation_show_.id, "which one")->required();
        CLI::App* export_to = command(*conversation, "export", "One conversation with all its figures, as JSON.",
                                      "  evenkeel conversation export terminal talk.json", conversation_export_);
        argument(export_to, "ID", conversation_export_.id, "which one")->required();
        argument(export_to, "FILE", conversation_export_.file, "where to; without it, standard output");
        CLI::App* remove =
            command(*conversation, "delete", "Remove one, its answers and what is queued in it, for ever.",
                    "  evenkeel conversation delete terminal --yes", conversation_delete_);
        argument(remove, "ID", conversation_delete_.id, "which one")->required();
        remove->add_flag("--yes", conversation_delete_.yes, "do not ask");
    }

    void declare_key() {
        CLI::App* key = add(app_, "key", "Who may call the HTTP API, and how much.", "");
        key->require_subcommand(1);
        CLI::App* create = command(
            *key, "create", "Make a key; it is shown once.",
            "  evenkeel key create my-bot\n"
            "  evenkeel key create guest --requests-per-minute 20 --usd-per-day 0.50 --downgrade --expires 30d\n"
            "  evenkeel key create prometheus --scope metrics",
            key_create_);
        argument(create, "NAME", key_create_.name, "how you will know it: 1 to 64 characters")->required();
        create
            ->add_option("--scope", key_create_.scopes,
                         "what it opens: chat, responses, embeddings, models, metrics, operator (all but the last two)")
            ->type_name("SCOPE")
            ->delimiter(',')
            ->allow_extra_args(false);
        limit(create, "--requests-per-minute", key_create_.requests_per_minute, "N", 1, "requests a minute");
        limit(create, "--tokens-per-day", key_create_.tokens_per_day, "N", 0, "tokens a day (UTC), read and written");
        limit(create, "--usd-per-day", key_create_.usd_per_day, "USD", 0, "money a day (UTC)");
        limit(create, "--usd-per-month", key_create_.usd_per_month, "USD", 0, "money a month (UTC)");
        limit(create, "--concurrent", key_create_.concurrent, "N", 1, "calls at the same time");
        create->add_flag("--downgrade", key_create_.downgrade,
                         "a spent budget sends calls to the local providers instead of refusing them");
        create->add_option("--model", key_create_.models, "only this model; may be repeated")
            ->type_name("NAME")
            ->allow_extra_args(false);
        create->add_option("--webhook", key_create_.webhooks, "where answers may be sent to; may be repeated")
            ->type_name("URL")
            ->allow_extra_args(false);
        text(create, "--expires", expires_, "DURATION", "refused after so long: 12h, 30d");
        CLI::App* list = command(*key, "list", "The keys in use, their limits, and what they used today.",
                                 "  evenkeel key list\n  evenkeel key list --all --json", key_list_);
        list->add_flag("--all", key_list_.all, "also revoked and expired ones");
        CLI::App* revoke =
            command(*key, "revoke", "Refuse keys from now on, for ever.", "  evenkeel key revoke my-bot", key_revoke_);
        revoke->add_option("KEY", key_revoke_.keys, "names, ids, or their first 6 digits or more")
            ->type_name("")
            ->required();
    }

    void declare_upkeep() {
        command(app_, "status", "Providers, their circuit breakers, and the queue.", "  evenkeel status", status_);
        CLI::App* cost = command(app_, "cost", "What was spent, and what the same tokens would have cost elsewhere.",
                                 "  evenkeel cost --days 7", cost_);
        count(cost, "--days", cost_.days, "the last so many days (30)");
        cost->add_flag("--by-key", cost_.by_key, "also per key of the HTTP API");
        command(app_, "doctor", "What is wrong with the set-up, and how to mend it.", "  evenkeel doctor", doctor_);
        CLI::App* rehearse =
            command(app_, "rehearse", "An outage drill with practice providers: what your users would see.",
                    "  evenkeel rehearse --quick", rehearse_);
        rehearse->add_flag("--quick", rehearse_.quick, "the short one, below 10 s");
        // Without one of its mechanisms the drill must fail; only tests ask for that.
        rehearse->add_option("--without", rehearse_.without)
            ->check(CLI::IsMember({"breaker", "queue", "judge"}))
            ->group("");
        CLI::App* practice = command(app_, "practice", "Practice providers on their own, for tests.", "", practice_);
        practice->group("");
        practice->add_flag("--list-failpoints", practice_.list_failpoints);
        CLI::App* backup = command(app_, "backup", "A consistent copy of the data, also while it is in use.",
                                   "  evenkeel backup ~/evenkeel-$(date +%F).db", backup_);
        argument(backup, "FILE", backup_.file, "where to; it must not exist yet")->required();
    }

    void declare_config() {
        CLI::App* config = add(app_, "config", "The settings.", "");
        config->require_subcommand(1);
        CLI::App* init =
            command(*config, "init", "Write a settings file with every setting, explained and commented out.",
                    "  evenkeel config init\n  evenkeel config init ~/.config/evenkeel/evenkeel.toml", config_init_);
        argument(init, "FILE", config_init_.file, "where to (./evenkeel.toml)");
        init->add_flag("--force", config_init_.force, "replace a file that is there");
        command(*config, "check", "Read all settings and say what is wrong with them.", "  evenkeel config check",
                config_check_);
        command(*config, "show", "Every setting, its value and where it came from; secrets masked.",
                "  evenkeel config show", config_show_);
    }

    /// CLI11 tells of --help only once nothing else is missing; help must come before that.
    static bool asks_for_help(const std::vector<std::string>& reversed) {
        for (auto word = reversed.rbegin(); word != reversed.rend() && *word != "--"; ++word)
            if (*word == "-h" || *word == "--help") return true;
        return false;
    }

    Result<Invocation> show(std::string text) const { return Invocation{flags_, command::ShowText{std::move(text)}}; }
    static std::unexpected<Error> refuse(std::string detail) { return caller_fault(std::move(detail), "usage"); }

    static const CLI::App& deepest(const CLI::App& app) {
        const auto parsed = app.get_subcommands();
        return parsed.empty() ? app : deepest(*parsed.front());
    }

    /// A word that CLI11 could place nowhere: a flag, a command, or one argument too many.
    std::string explain_extra(const std::string& word) const {
        const CLI::App& app = deepest(app_);
        const bool is_flag = word.size() > 1 && word.starts_with('-');
        const std::string called = app.get_parent() == nullptr ? "evenkeel" : "evenkeel " + path_of(app);
        std::vector<std::string> known;
        if (is_flag) {
            for (const CLI::App* each : {&app, &app_})
                for (const CLI::Option* option : each->get_options())
                    for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
        } else {
            for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; }))
                known.push_back(sub->get_name());
        }
        const std::string shown = one_line(word, 60);
        const std::string plain = is_flag ? shown.substr(0, shown.find('=')) : shown;
        const std::vector<std::string_view> views(known.begin(), known.end());
        const std::string remedy = did_you_mean(plain, views, fmt::format("See {} --help.", called));
        if (is_flag) return fmt::format("{} has no flag \"{}\". {}", called, plain, remedy);
        if (!known.empty()) return fmt::format("{} has no command \"{}\". {}", called, shown, remedy);
        return fmt::format("{} does not take \"{}\". See {} --help.", called, shown, called);
    }

    std::string explain(const std::string& complaint) const {
        const CLI::App& app = deepest(app_);
        const std::string called = app.get_parent() == nullptr ? "evenkeel" : "evenkeel " + path_of(app);
        const auto subs = app.get_subcommands([](const CLI::App*) { return true; });
        if (!subs.empty() && app.get_subcommands().empty() && app.get_parent() != nullptr) {
            std::string names;
            for (const CLI::App* sub : subs) names += (names.empty() ? "" : ", ") + sub->get_name();
            return fmt::format("{} needs to know what to do: {}.", called, names);
        }
        return fmt::format("{}: {}. See {} --help.", called, one_line(complaint, 200), called);
    }

    static std::string path_of(const CLI::App& app) {
        const CLI::App* parent = app.get_parent();
        return parent == nullptr || parent->get_parent() == nullptr ? app.get_name()
                                                                    : path_of(*parent) + " " + app.get_name();
    }

    Result<Invocation> finish() {
        if (auto* ask = std::get_if<command::Ask>(&chosen_)) {
            for (const std::string& word : words_) ask->question += (ask->question.empty() ? "" : " ") + word;
            if (!wait_.empty()) {
                ask->wait = parse_duration(wait_);
                if (!ask->wait)
                    return refuse(fmt::format("--wait {} is not a duration. Write a number and a unit: 30s, 10m, 2h.",
                                              one_line(wait_, 40)));
            }
        }
        if (auto* create = std::get_if<command::KeyCreate>(&chosen_); create != nullptr && !expires_.empty()) {
            create->expires = parse_duration(expires_);
            if (!create->expires || create->expires->count() <= 0)
                return refuse(fmt::format("--expires {} is not a duration. Write a number and a unit: 12h, 30d.",
                                          one_line(expires_, 40)));
        }
        return Invocation{flags_, std::move(chosen_)};
    }

    CLI::App app_;
    CommonFlags flags_;
    bool help_ = false, version_ = false;
    std::vector<std::string> words_;
    std::string wait_, expires_;
    Command chosen_;
    command::Chat chat_;
    command::Ask ask_;
    command::Serve serve_;
    command::QueueList queue_list_;
    command::QueueShow queue_show_;
    command::QueueRetry queue_retry_;
    command::QueueCancel queue_cancel_;
    command::QueueRun queue_run_;
    command::QueueExport queue_export_;
    command::ConversationList conversation_list_;
    command::ConversationShow conversation_show_;
    command::ConversationExport conversation_export_;
    command::ConversationDelete conversation_delete_;
    command::KeyCreate key_create_;
    command::KeyList key_list_;
    command::KeyRevoke key_revoke_;
    command::Status status_;
    command::Cost cost_;
    command::Doctor doctor_;
    command::Rehearse rehearse_;
    command::Practice practice_;
    command::ConfigInit config_init_;
    command::ConfigCheck config_check_;
    command::ConfigShow config_show_;
    command::Backup backup_;
};

}  // namespace

Result<Invocation> parse_command_line(std::span<const std::string> arguments) { return Parser().parse(arguments); }

Command default_command(StandardInput input) {
    if (input == StandardInput::empty) return command::Rehearse{.quick = true};
    return command::Chat{};
}

}  // namespace evenkeel

#include "net/resolver.hpp"

#include <ares.h>
#include <sys/epoll.h>
#include <sys/stat.h>

#include <algorithm>
#include <functional>
#include <list>
#include <map>
#include <utility>

#include "core/async.hpp"
#include "core/text.hpp"

namespace evenkeel {
namespace {

/// How long the other family is waited for when one has answered (RFC 8305 section 3).
constexpr Millis resolution_delay{50};
/// A name server has this long for its first answer; c-ares doubles it with each round. Three rounds: 7 s in all.
constexpr int server_timeout_ms = 1'000;
constexpr int server_tries = 3;

using Addresses = std::vector<SocketAddress>;
using Key = std::pair<int, std::string>;  ///< Family, name.

/// One name and family that somebody wants to know. Shared by those who wait and the channel, until it is answered.
struct Question {
    Question(Loop& loop, Key key_) : answered(loop), key(std::move(key_)) {}
    Event answered;
    Key key;
    int status = ARES_SUCCESS;
    Addresses addresses;
};
using QuestionPtr = std::shared_ptr<Question>;

Task<bool> answer_to(QuestionPtr question) {
    co_await question->answered.wait();
    co_return true;
}

Task<bool> answer_to_both(QuestionPtr a, QuestionPtr b) {
    co_await a->answered.wait();
    co_await b->answered.wait();
    co_return true;
}

/// What tells one version of the configuration from another.
struct Version {
    ino_t inode = 0;
    off_t size = 0;
    timespec changed{};
    static Version of(const std::string& path) noexcept {
        struct stat status{};
        if (::stat(path.c_str(), &status) != 0) return {};
        return {status.st_ino, status.st_size, status.st_mtim};
    }
    bool operator==(const Version& other) const noexcept {
        return inode == other.inode && size == other.size && changed.tv_sec == other.changed.tv_sec &&
               changed.tv_nsec == other.changed.tv_nsec;
    }
};

/// c-ares with one version of the configuration, driven by the loop.
class Channel {
public:
    /// `found` is told of each name that has resolved, also when nobody waits for it any more.
    using Found = std::function<void(const Question&)>;
    Channel(Loop& loop, const ResolverOptions& options, Version version, Found found);
    ~Channel();
    Channel(const Channel&) = delete;
    Channel& operator=(const Channel&) = delete;

    const Version& version() const noexcept { return version_; }
    bool idle() const noexcept { return open_.empty(); }
    /// Joins the open question of that key, or asks it.
    QuestionPtr ask(const Key& key);

private:
    /// A socket that c-ares has opened.
    struct Peer final : EventSink {
        Peer(Channel& owner, int socket) : channel(owner), fd(socket) {}
        void on_events(std::uint32_t events) noexcept override {
            happened |= events;
            channel.loop_.defer(channel.work_);
        }
        Channel& channel;
        int fd;
        std::uint32_t happened = 0;
    };
    struct Asked {
        Channel& channel;
        QuestionPtr question;
    };
    struct Work : Ready {
        explicit Work(Channel& owner)
            : Ready([](Ready& ready) noexcept { static_cast<Work&>(ready).channel.work_on_sockets(); }),
              channel(owner) {}
        Channel& channel;
    };
    struct Due : Timer {
        explicit Due(Channel& owner)
            : Timer([](Timer& timer) noexcept { static_cast<Due&>(timer).channel.work_on(-1, -1); }), channel(owner) {}
        Channel& channel;
    };
    static void on_socket_state(void* self, ares_socket_t fd, int readable, int writable) noexcept;
    static void on_answer(void* asked, int status, int timeouts, ares_addrinfo* found) noexcept;
    void work_on_sockets() noexcept;
    void work_on(int readable, int writable) noexcept;
    void rearm() noexcept;

    Loop& loop_;
    Version version_;
    ares_channel channel_ = nullptr;
    std::map<int, Peer> peers_;
    std::map<Key, QuestionPtr> open_;
    Found found_;
    Work work_{*this};
    Due due_{*this};
};

Channel::Channel(Loop& loop, const ResolverOptions& options, Version version, Found found)
    : loop_(loop), version_(version), found_(std::move(found)) {
    ares_options settings{};
    std::string path = options.configuration;
    settings.resolvconf_path = path.data();
    settings.timeout = server_timeout_ms;
    settings.tries = server_tries;
    settings.udp_port = settings.tcp_port = options.port;
    settings.sock_state_cb = &on_socket_state;
    settings.sock_state_cb_data = this;
    const int mask = ARES_OPT_RESOLVCONF | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_UDP_PORT | ARES_OPT_TCP_PORT |
                     ARES_OPT_SOCK_STATE_CB;
    if (ares_init_options(&channel_, &settings, mask) != ARES_SUCCESS) channel_ = nullptr;
}

Channel::~Channel() {
    if (channel_ != nullptr) ares_destroy(channel_);
}

QuestionPtr Channel::ask(const Key& key) {
    if (const auto found = open_.find(key); found != open_.end()) return found->second;
    auto question = std::make_shared<Question>(loop_, key);
    if (channel_ == nullptr || open_.size() >= 2 * Resolver::questions_open_max) {
        question->status = ARES_ENOMEM;
        question->answered.set();
        return question;
    }
    open_.emplace(key, question);
    ares_addrinfo_hints hints{};
    hints.ai_family = key.first;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = ARES_AI_NOSORT;  // Sorting would connect a socket to each address.
    auto asked = std::make_unique<Asked>(*this, question);
    ares_getaddrinfo(channel_, key.second.c_str(), nullptr, &hints, &on_answer, asked.release());
    rearm();
    return question;
}

void Channel::on_answer(void* argument, int status, int, ares_addrinfo* found) noexcept {
    const std::unique_ptr<Asked> asked(static_cast<Asked*>(argument));
    const std::unique_ptr<ares_addrinfo, decltype(&ares_freeaddrinfo)> owner(found, &ares_freeaddrinfo);
    Question& question = *asked->question;
    question.status = status;
    for (const auto* node = found != nullptr ? found->nodes : nullptr; node != nullptr; node = node->ai_next)
        question.addresses.emplace_back(node->ai_addr, node->ai_addrlen);
    if (status == ARES_SUCCESS && question.addresses.empty()) question.status = ARES_ENODATA;
    if (question.status == ARES_SUCCESS) asked->channel.found_(question);
    asked->channel.open_.erase(question.key);
    question.answered.set();
}

void Channel::on_socket_state(void* self, ares_socket_t fd, int readable, int writable) noexcept {
    Channel& channel = *static_cast<Channel*>(self);
    if (readable == 0 && writable == 0) {
        if (channel.peers_.erase(fd) > 0) channel.loop_.unwatch(fd);
        return;
    }
    const std::uint32_t events = (readable != 0 ? EPOLLIN : 0u) | (writable != 0 ? EPOLLOUT : 0u);
    const auto [place, fresh] = channel.peers_.try_emplace(fd, channel, fd);
    // A socket that the loop cannot take is one that does not answer: c-ares gives it up in time.
    if (fresh)
        channel.loop_.watch(fd, events, place->second);
    else
        channel.loop_.rewatch(fd, events, place->second);
}

void Channel::work_on_sockets() noexcept {
    // c-ares opens and closes sockets while it works: take down first what happened where.
    std::vector<std::pair<int, std::uint32_t>> happened;
    for (auto& [fd, peer] : peers_)
        if (const std::uint32_t events = std::exchange(peer.happened, 0); events != 0)
            happened.emplace_back(fd, events);
    for (const auto& [fd, events] : happened)
        if (peers_.contains(fd)) {
            const bool failed = (events & (EPOLLERR | EPOLLHUP)) != 0;
            work_on(failed || (events & EPOLLIN) != 0 ? fd : -1, failed || (events & EPOLLOUT) != 0 ? fd : -1);
        }
}

void Channel::work_on(int readable, int writable) noexcept {
    static_assert(ARES_SOCKET_BAD == -1);
    ares_process_fd(channel_, readable, writable);
    rearm();
}

void Channel::rearm() noexcept {
    timeval left{};
    if (ares_timeout(channel_, nullptr, &left) == nullptr) {
        loop_.disarm(due_);
        return;
    }
    // c-ares counts by a clock of its own; the extra millisecond keeps us from coming a little too early.
    loop_.arm(due_, loop_.now() + Seconds{left.tv_sec} + std::chrono::microseconds{left.tv_usec} + Millis{1});
}

bool is_localhost(std::string_view name) {
    const std::string lower = to_lower(name);
    return lower == "localhost" || lower.ends_with(".localhost");  // RFC 6761 section 6.3.
}

bool means_not_found(int status) noexcept { return status == ARES_ENOTFOUND || status == ARES_ENODATA; }

std::unexpected<Error> resolve_fault(const std::string& name, int status) {
    if (means_not_found(status))
        return provider_fault(ErrorClass::transient, Scope::provider,
                              "no address is known for " + name + ": check the host's spelling, and the network",
                              "name_not_found");
    if (status == ARES_EBADNAME)
        return provider_fault(ErrorClass::transient, Scope::provider, "\"" + one_line(name, 100) + "\" is no host name",
                              "name_not_found");
    return provider_fault(
        ErrorClass::transient, Scope::provider,
        "the name servers give no address for " + name + " (" + ares_strerror(status) + "): is the network up?",
        "dns_failed");
}

}  // namespace

struct Resolver::Impl {
    Impl(Env environment, Loop& on, ResolverOptions with) : env(environment), loop(on), options(std::move(with)) {}

    Task<Result<Addresses>> ask(const std::string& name);
    Channel& channel();
    Addresses last_good(const std::string& name);
    void keep(const Question& question);

    struct Kept {
        Addresses addresses;
        Instant used{};
    };
    Env env;
    Loop& loop;
    ResolverOptions options;
    std::map<Key, Kept> kept;
    std::list<Channel> channels;  ///< The last is current; older ones finish what they were asked.
};

Resolver::Resolver(Env env, Loop& loop, ResolverOptions options)
    : impl_(std::make_unique<Impl>(env, loop, std::move(options))) {}
Resolver::~Resolver() = default;

Channel& Resolver::Impl::channel() {
    const Version version = Version::of(options.configuration);
    channels.remove_if([&](const Channel& old) { return old.version() != version && old.idle(); });
    if (channels.empty() || channels.back().version() != version)
        channels.emplace_back(loop, options, version, [this](const Question& question) { keep(question); });
    return channels.back();
}

void Resolver::Impl::keep(const Question& question) {
    kept[question.key] = Kept{question.addresses, loop.now()};
    if (kept.size() <= 2 * names_kept_max) return;
    kept.erase(std::ranges::min_element(kept, {}, [](const auto& entry) { return entry.second.used; }));
}

Addresses Resolver::Impl::last_good(const std::string& name) {
    Addresses all;
    for (const int family : {AF_INET6, AF_INET})
        if (const auto found = kept.find(Key(family, name)); found != kept.end()) {
            found->second.used = loop.now();
            all.insert(all.end(), found->second.addresses.begin(), found->second.addresses.end());
        }
    return all;
}

Task<Result<Addresses>> Resolver::Impl::ask(const std::string& name) {
    Channel& current = channel();
    const QuestionPtr six = current.ask(Key(AF_INET6, name));
    const QuestionPtr four = current.ask(Key(AF_INET, name));
    co_await race(answer_to(six), answer_to(four));
    const bool has_one = !six->addresses.empty() || !four->addresses.empty();
    co_await until(loop, has_one ? loop.now() + resolution_delay : forever, answer_to_both(six, four));
    Addresses all = six->addresses;
    all.insert(all.end(), four->addresses.begin(), four->addresses.end());
    if (!all.empty()) co_return all;
    if (six->status == ARES_ENOMEM || four->status == ARES_ENOMEM)
        co_return own_fault(ErrorClass::transient, "too many names are being looked up at once", "dns_failed");
    co_return resolve_fault(name, means_not_found(six->status) ? four->status : six->status);
}

Task<Result<std::vector<SocketAddress>>> Resolver::resolve(std::string name, std::uint16_t port, Millis patience) {
    Impl& impl = *impl_;
    if (const auto address = SocketAddress::numeric(name, port)) co_return Addresses{*address};
    if (is_localhost(name))
        co_return Addresses{*SocketAddress::numeric("127.0.0.1", port), *SocketAddress::numeric("::1", port)};
    Addresses known = impl.last_good(name);
    const Instant limit = known.empty() ? forever : impl.loop.now() + patience;
    auto answer = co_await until(impl.loop, limit, impl.ask(name));
    if (answer && !*answer && (*answer).error().code == "name_not_found") co_return fail(std::move(answer->error()));
    if (!answer || !*answer) {
        if (known.empty()) co_return fail(std::move(answer->error()));
        impl.env.notes.note({.severity = Severity::warning,
                             .name = "dns.last_good_used",
                             .subject = name,
                             .detail = "the name servers do not answer; using the addresses they gave last"});
        answer = Result<Addresses>(std::move(known));
    }
    for (SocketAddress& address : **answer) address = address.with_port(port);
    co_return std::move(*answer);
}

}  // namespace evenkeel

#include "net/http_server.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "net/http_fields.hpp"
#include "net/http_session.hpp"

namespace evenkeel {
namespace {

constexpr std::size_t read_bytes_max = 64 * 1024;
/// Too many open files and the like: the listener is asked again after so long.
constexpr Millis accept_pause{100};

}  // namespace

std::string_view HttpIncoming::header(std::string_view name) const noexcept { return http::find_field(headers, name); }

struct HttpServer::Impl {
    Impl(Env environment, std::unique_ptr<Listener> door, HttpHandler handle, HttpServerLimits bounds)
        : env(environment),
          listener(std::move(door)),
          port(listener->port()),
          handler(std::move(handle)),
          limits(bounds),
          scratch(read_bytes_max),
          setting{env, limits, handler, scratch},
          room(env.scheduler),
          running(env.scheduler),
          accepting(env.scheduler) {
        accepting.spawn(accept(*this));
    }

    static Task<void> accept(Impl& self) {
        for (;;) {
            while (self.running.size() >= self.limits.connections_max) {
                self.room.clear();
                co_await self.room.wait();
            }
            auto connection = co_await self.listener->accept();
            if (connection) {
                self.running.spawn(serve(self, std::move(*connection)));
                continue;
            }
            if (connection.error().cls == ErrorClass::cancelled) co_return;
            self.env.notes.note({.severity = Severity::warning,
                                 .name = "http.accept_failed",
                                 .subject = "server",
                                 .detail = connection.error().detail});
            co_await sleep_for(self.env.scheduler, accept_pause);
        }
    }

    static Task<void> serve(Impl& self, ConnectionPtr connection) {
        http::Session session(self.setting, std::move(connection));
        self.sessions.push_back(&session);
        struct Leave {
            Impl& of;
            http::Session* self;
            ~Leave() {
                std::erase(of.sessions, self);
                of.room.set();
            }
        } leave{self, &session};
        co_await session.run();
    }

    Env env;
    std::unique_ptr<Listener> listener;
    std::uint16_t port;
    HttpHandler handler;
    HttpServerLimits limits;
    std::vector<std::byte> scratch;
    http::SessionSetting setting;
    std::vector<http::Session*> sessions;
    Event room;
    TaskGroup running, accepting;
};

HttpServer::HttpServer(Env env, std::unique_ptr<Listener> listener, HttpHandler handler, HttpServerLimits limits)
    : impl_(std::make_unique<Impl>(env, std::move(listener), std::move(handler), limits)) {}
HttpServer::~HttpServer() = default;

std::uint16_t HttpServer::port() const noexcept { return impl_->port; }

Task<void> HttpServer::drain() {
    impl_->setting.draining = true;
    impl_->accepting.cancel();
    impl_->listener.reset();
    for (http::Session* session : impl_->sessions) session->wake_to_drain();
    co_await impl_->running.join();
}

}  // namespace evenkeel

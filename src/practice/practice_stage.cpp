#include "practice/practice_stage.hpp"

#include "core/json_writer.hpp"
#include "net/http_server.hpp"
#include "practice/practice_control.hpp"

namespace evenkeel::practice {
namespace {

Task<void> answer(PracticeProvider& cloud, PracticeProvider& local, const HttpIncoming& request,
                  HttpResponder& responder) {
    if (!request.path.starts_with(control_prefix)) {
        std::ignore = co_await responder.respond(404, {{"Content-Type", "text/plain"}}, "try /practice/state\n");
        co_return;
    }
    PracticeProvider* const both[] = {&cloud, &local};
    Steering steering = steer(both, request);
    Page& page = steering.page;
    if (steering.obey) steering.obey();
    std::ignore = co_await responder.respond(page.status, std::move(page.headers), std::move(page.body));
}

}  // namespace

PracticeStage::PracticeStage(Env env, Network& network, StageOptions options)
    : env_(env),
      network_(network),
      control_port_(options.control_port),
      cloud_(env, network, std::move(options.cloud)),
      local_(env, network, std::move(options.local)) {}
PracticeStage::~PracticeStage() = default;

Result<void> PracticeStage::start() {
    if (auto opened = cloud_.start(); !opened) return opened;
    if (auto opened = local_.start(); !opened) return opened;
    auto listener = network_.listen(Endpoint{.host = "127.0.0.1", .port = control_port_});
    if (!listener) return fail(std::move(listener.error()));
    control_ = std::make_unique<HttpServer>(
        env_, std::move(*listener),
        [this](HttpIncoming& request, HttpResponder& responder) { return answer(cloud_, local_, request, responder); });
    control_port_ = control_->port();
    return {};
}

std::string PracticeStage::describe() const {
    std::string out;
    JsonWriter json(out);
    json.object().member("cloud", cloud_.base_url()).member("local", local_.base_url());
    json.member("control", "http://127.0.0.1:" + std::to_string(control_port_) + std::string(control_prefix));
    json.end_object();
    return out;
}

}  // namespace evenkeel::practice

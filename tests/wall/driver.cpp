// Asks one question as a program that links the library does, and prints what it saw as one line of JSON.
#include <cstdio>
#include <evenkeel/evenkeel.hpp>
#include <string>
#include <string_view>

namespace {

std::string quoted(std::string_view text) {
    std::string result = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') result += '\\';
        if (static_cast<unsigned char>(c) < 0x20) {
            char escape[7];
            std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c));
            result += escape;
        } else {
            result += c;
        }
    }
    return result + '"';
}

std::string_view word(evenkeel::Reply::Status status) {
    switch (status) {
        case evenkeel::Reply::Status::answered: return "answered";
        case evenkeel::Reply::Status::queued: return "queued";
        case evenkeel::Reply::Status::refused: return "refused";
    }
    return "unknown";
}

}  // namespace

int main(int count, char** words) {
    auto bot = evenkeel::Bot::open();
    if (!bot) {
        std::fprintf(stderr, "%s\n", bot.error().what.c_str());
        return bot.error().exit_code;
    }
    std::string streamed;
    int restarts = 0;
    const auto reply = bot->stream_chat("wall", count > 1 ? words[1] : "", [&](std::string_view text, bool restart) {
        if (restart) {
            streamed.clear();
            ++restarts;
        }
        streamed += text;
    });
    if (!reply) {
        std::fprintf(stderr, "%s\n", reply.error().what.c_str());
        return reply.error().exit_code;
    }
    std::printf(R"({"status":"%s","text":%s,"streamed":%s,"restarts":%d,"provider":%s})"
                "\n",
                word(reply->status).data(), quoted(reply->text).c_str(), quoted(streamed).c_str(), restarts,
                quoted(reply->provider).c_str());
    return 0;
}

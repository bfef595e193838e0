// One question with its figures, one streamed. Build: see examples/CMakeLists.txt. Without a key: ./chatbot --practice
#include <evenkeel/evenkeel.hpp>
#include <iostream>

int main(int count, char** words) {
    evenkeel::BotOptions options;
    options.practice = count > 1 && std::string_view(words[1]) == "--practice";
    auto bot = evenkeel::Bot::open(options);
    if (!bot) {
        std::cerr << bot.error().what << '\n';
        return bot.error().exit_code;
    }
    bot->on_late_answer([](const evenkeel::LateReply& late) { std::cout << "late: " << late.reply.text << '\n'; });

    auto reply = bot->chat("example", "What is the capital of France?");
    if (!reply) return reply.error().exit_code;
    std::cout << reply->text << "\n[" << reply->provider << ", " << reply->model << ", " << reply->latency.count()
              << " ms, " << reply->input_tokens << "+" << reply->output_tokens << " tokens]\n\n";

    auto streamed = bot->stream_chat("example", "And of Italy?", [](std::string_view text, bool restart) {
        std::cout << (restart ? "\n" : "") << text << std::flush;
    });
    std::cout << '\n';
    return streamed ? 0 : streamed.error().exit_code;
}

#include "llm/scrub.hpp"

#include <gtest/gtest.h>

namespace evenkeel {
namespace {

const Secret key("sk-nano-11112222-3333-4444-5555-666677778888");

TEST(Scrubbed, gives_one_short_line) {
    EXPECT_EQ(scrubbed("  Rate\nlimit\t reached \x07. ", {}, {}), "Rate limit reached .");
    const std::string line = scrubbed(std::string(5000, 'x'), {}, {});
    EXPECT_EQ(line, std::string(199, 'x') + "…");
}

TEST(Scrubbed, masks_the_key_and_pieces_of_it) {
    EXPECT_EQ(scrubbed("key sk-nano-11112222-3333-4444-5555-666677778888 is wrong", key, {}), "key … is wrong");
    EXPECT_EQ(scrubbed("key sk-nano-****77778888.", key, {}), "key …****….");
    EXPECT_EQ(scrubbed("wrong key", key, {}), "wrong key");
}

TEST(Scrubbed, masks_what_was_said_but_leaves_the_providers_own_words) {
    const Turn turns[] = {{Role::system, "You are a helpful pirate."},
                          {Role::user, "Where is the treasure of Ulm buried?"}};
    EXPECT_EQ(scrubbed("flagged: 'the treasure of Ulm' in prompt", {}, turns), "flagged: '…' in prompt");
    EXPECT_EQ(scrubbed("You are a helpful pirate. Where is", {}, turns), "… Where is");
    EXPECT_EQ(scrubbed("maximum context length is 8192", {}, turns), "maximum context length is 8192");
}

TEST(Scrubbed, masks_a_short_message_only_as_a_whole) {
    const Turn turns[] = {{Role::user, "hunter2"}, {Role::user, "a"}};
    EXPECT_EQ(scrubbed("input 'hunter2' was flagged", {}, turns), "input '…' was flagged");
}

TEST(Scrubbed, recognises_what_the_end_of_the_line_cuts) {
    const Turn turns[] = {{Role::user, "The launch code is 0000."}};
    const std::string line = scrubbed(std::string(190, '-') + "The launch code is 0000.", {}, turns);
    EXPECT_EQ(line, std::string(190, '-') + "…");
}

}  // namespace
}  // namespace evenkeel

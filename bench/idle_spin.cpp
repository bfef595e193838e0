// Keeps a virtual core awake without taking anything from anybody: idle_spin [SECONDS]. A core that halts wakes up
// late, and then the figures tell of the hypervisor.
#include <sched.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

int main(int count, char** words) {
    const sched_param none{};
    if (sched_setscheduler(0, SCHED_IDLE, &none) != 0) std::perror("idle_spin");
    alarm(count > 1 ? static_cast<unsigned>(std::atoi(words[1])) : 600);
    for (;;) __builtin_ia32_pause();
}

/// SIGINT and SIGTERM as a wish that the program can ask for.
#pragma once

#include <csignal>

namespace lab {

inline volatile std::sig_atomic_t interrupt_seen = 0;

extern "C" inline void on_interrupt(int) {
  interrupt_seen = 1;
}

/// From now on both signals only set `interrupted()`.
inline void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

inline bool interrupted() {
  return interrupt_seen != 0;
}

}  // namespace lab

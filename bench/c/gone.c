/*
 * gone SECONDS PID...: prints "watching", then "PID NANOSECONDS" (CLOCK_MONOTONIC) as each process ends; ends when all are gone or after
 * SECONDS. A pidfd reports the moment of death without polling, even of a process that is not reaped.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int main(int count, char **words) {
  if (count < 3) return 2;
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  int left = 0, pids = count - 2;
  struct pollfd *watched = calloc(pids, sizeof *watched);
  for (int i = 0; i < pids; i++) {
    watched[i].fd = syscall(SYS_pidfd_open, atoi(words[i + 2]), 0);
    watched[i].events = POLLIN;
    if (watched[i].fd >= 0) left++;
    else if (errno == ESRCH) printf("%s %lld\n", words[i + 2], now());
    else return perror("gone"), 1;
  }
  printf("watching\n");
  fflush(stdout);
  long long deadline = now() + atoi(words[1]) * 1000000000LL;
  while (left > 0 && now() < deadline) {
    if (poll(watched, pids, 100) <= 0) continue;
    long long at = now();
    for (int i = 0; i < pids; i++) {
      if (watched[i].fd < 0 || !watched[i].revents) continue;
      printf("%s %lld\n", words[i + 2], at);
      close(watched[i].fd);
      watched[i].fd = -1;
      left--;
    }
  }
  return left > 0;
}

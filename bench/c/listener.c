/*
 * listener PORT: the smallest service. It listens on 127.0.0.1:PORT, appends "PORT PID NANOSECONDS" (CLOCK_MONOTONIC) to the file named
 * by BENCH_READY, prints "ready on PORT", and closes every connection. The services record the time themselves, so that measuring costs
 * the runner nothing.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static void record(int port) {
  const char *file = getenv("BENCH_READY");
  if (!file) return;
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  int fd = open(file, O_WRONLY | O_APPEND | O_CREAT, 0644);
  if (fd < 0) return;
  dprintf(fd, "%d %d %lld\n", port, getpid(), now.tv_sec * 1000000000LL + now.tv_nsec);
  close(fd);
}

int main(int count, char **words) {
  if (count != 2) return 2;
  int port = atoi(words[1]), one = 1;
  int listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (bind(listening, (void *)&address, sizeof address) || listen(listening, 128)) {
    perror("listener");
    return 1;
  }
  record(port);
  printf("ready on %d\n", port);
  fflush(stdout);
  for (;;) {
    int client = accept(listening, 0, 0);
    if (client >= 0) close(client);
  }
}

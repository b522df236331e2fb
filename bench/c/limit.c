/*
 * limit together|chain COUNT FIRST-PORT COMMAND...: the physical limit of starting services. It spawns COMMAND PORT COUNT times
 * with posix_spawn: all at once, or each as soon as the one before accepts a connection (tried five times a millisecond). On SIGINT or
 * SIGTERM it signals all of them, waits for them, and ends.
 */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;
static volatile sig_atomic_t stopping;

static void stop(int signal) {
  (void)signal;
  stopping = 1;
}

static int accepts(int port) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int connected = connect(fd, (void *)&address, sizeof address) == 0;
  close(fd);
  return connected;
}

int main(int count, char **words) {
  if (count < 5) return 2;
  int chain = !strcmp(words[1], "chain"), services = atoi(words[2]), first = atoi(words[3]);
  struct sigaction on_stop = {.sa_handler = stop};
  sigaction(SIGTERM, &on_stop, 0);
  sigaction(SIGINT, &on_stop, 0);
  pid_t *pids = calloc(services, sizeof *pids);
  char **argv = calloc(count, sizeof *argv), port[16];
  for (int word = 4; word < count; word++) argv[word - 4] = words[word];
  argv[count - 4] = port;
  int started = 0;
  /* Each in its own group, as under a supervisor: a Ctrl-C reaches them through the runner. */
  posix_spawnattr_t own_group;
  posix_spawnattr_init(&own_group);
  posix_spawnattr_setflags(&own_group, POSIX_SPAWN_SETPGROUP);
  for (; started < services && !stopping; started++) {
    snprintf(port, sizeof port, "%d", first + started);
    if (posix_spawnp(&pids[started], argv[0], 0, &own_group, argv, environ)) {
      perror("limit");
      break;
    }
    while (chain && !stopping && !accepts(first + started)) usleep(200);
  }
  /* pause() would sleep through a signal that comes just before it, so this wakes now and then (sigtimedwait would be exact). */
  while (!stopping && started == services) usleep(100000);
  for (int i = 0; i < started; i++) kill(pids[i], SIGTERM);
  while (wait(0) > 0) continue;
  return started == services ? 0 : 1;
}

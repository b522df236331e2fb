/*
 * who PORT [--kill]: the physical limit of finding who listens on a port. It reads /proc/net/tcp and tcp6 once and looks through the open
 * files of every process; prints the pids. `who all` makes the map of all listeners instead and prints how many (port, pid) pairs there are.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LISTENING = 10, MOST = 65536 };
static unsigned long sockets[MOST];
static int known;

static int by_number(const void *a, const void *b) {
  unsigned long x = *(const unsigned long *)a, y = *(const unsigned long *)b;
  return (x > y) - (x < y);
}

static void read_listeners(const char *file, int wanted) {
  char line[512];
  FILE *table = fopen(file, "r");
  if (!table) return;
  while (fgets(line, sizeof line, table)) {
    unsigned port, state;
    unsigned long socket;
    if (sscanf(line, " %*d: %*[0-9A-F]:%x %*s %x %*s %*s %*s %*d %*d %lu", &port, &state, &socket) != 3 || state != LISTENING) continue;
    if ((wanted < 0 || (int)port == wanted) && known < MOST) sockets[known++] = socket;
  }
  fclose(table);
}

static int holds(int folder) {
  int found = 0;
  DIR *files = fdopendir(folder);
  for (struct dirent *file; (file = readdir(files));) {
    char target[64];
    ssize_t length = readlinkat(folder, file->d_name, target, sizeof target - 1);
    if (length < 0) continue;
    target[length] = 0;
    unsigned long socket;
    if (sscanf(target, "socket:[%lu]", &socket) == 1 && bsearch(&socket, sockets, known, sizeof *sockets, by_number)) found++;
  }
  closedir(files);
  return found;
}

int main(int count, char **words) {
  if (count < 2) return 2;
  int wanted = strcmp(words[1], "all") ? atoi(words[1]) : -1, pairs = 0;
  read_listeners("/proc/net/tcp", wanted);
  read_listeners("/proc/net/tcp6", wanted);
  qsort(sockets, known, sizeof *sockets, by_number);
  DIR *processes = opendir("/proc");
  for (struct dirent *process; known && (process = readdir(processes));) {
    char path[300];
    if (process->d_name[0] < '1' || process->d_name[0] > '9') continue;
    snprintf(path, sizeof path, "/proc/%s/fd", process->d_name);
    int folder = open(path, O_RDONLY | O_DIRECTORY);
    int found = folder < 0 ? 0 : holds(folder);
    pairs += found;
    if (!found || wanted < 0) continue;
    printf("%s\n", process->d_name);
    if (count > 2) kill(atoi(process->d_name), SIGKILL);
  }
  closedir(processes);
  if (wanted < 0) printf("%d\n", pairs);
  return 0;
}

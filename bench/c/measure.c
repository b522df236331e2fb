/* measure FILE COMMAND...: runs the command and writes its costs to FILE as JSON: wall and CPU milliseconds, the KiB of its largest
 * process (ru_maxrss: itself or a child it waited for), its exit code (128 + signal). */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double milliseconds(struct timeval t) { return t.tv_sec * 1e3 + t.tv_usec / 1e3; }

int main(int count, char **words) {
  if (count < 3) return 2;
  struct timespec before, after;
  struct rusage used;
  int status;
  clock_gettime(CLOCK_MONOTONIC, &before);
  pid_t pid = vfork();
  if (pid == 0) {
    execvp(words[2], words + 2);
    _exit(127);
  }
  if (pid < 0 || wait4(pid, &status, 0, &used) < 0) return 1;
  clock_gettime(CLOCK_MONOTONIC, &after);
  FILE *file = fopen(words[1], "w");
  if (!file) return 1;
  fprintf(file, "{\"wallMs\":%.3f,\"cpuMs\":%.3f,\"rssKiB\":%ld,\"code\":%d}\n",
          (after.tv_sec - before.tv_sec) * 1e3 + (after.tv_nsec - before.tv_nsec) / 1e6, milliseconds(used.ru_utime) + milliseconds(used.ru_stime),
          used.ru_maxrss, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
  return fclose(file) ? 1 : 0;
}

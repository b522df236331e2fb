/*
 * count [PAUSE-MICROSECONDS]: reads generate's lines as a runner passes them on, and prints as JSON the number of bytes, whole lines (any
 * prefix, then 99 times "x"), torn lines (two lines mixed, or one cut), other lines, and bytes of payload. It pauses before every read of
 * 64 KiB, as a reader that is slower than the writer.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PAYLOAD = 99, READ = 65536, BUFFER = 8 * 1024 * 1024 };

static long long whole, torn, other, payload;
static char pattern[PAYLOAD];

static void look(const char *line, size_t length) {
  size_t before = length - PAYLOAD;
  if (length >= PAYLOAD && !memcmp(line + before, pattern, PAYLOAD) && !memmem(line, before, "xx", 2) && (!before || line[before - 1] != 'x')) {
    whole++;
    payload += PAYLOAD;
  } else if (memmem(line, length, "xx", 2)) {
    torn++;
    for (size_t i = 0; i < length; i++) payload += line[i] == 'x';
  } else if (length) {
    other++;
  }
}

int main(int count, char **words) {
  int pause = count > 1 ? atoi(words[1]) : 0;
  char *buffer = malloc(BUFFER);
  size_t held = 0;
  long long bytes = 0;
  memset(pattern, 'x', PAYLOAD);
  for (;;) {
    if (pause) usleep(pause);
    ssize_t got = read(0, buffer + held, READ);
    if (got <= 0) break;
    bytes += got;
    held += got;
    char *line = buffer, *end;
    while ((end = memchr(line, '\n', buffer + held - line))) {
      look(line, end - line);
      line = end + 1;
    }
    held -= line - buffer;
    memmove(buffer, line, held);
    if (held > BUFFER - READ) held = 0;
  }
  look(buffer, held);
  printf("{\"bytes\":%lld,\"whole\":%lld,\"torn\":%lld,\"other\":%lld,\"payload\":%lld}\n", bytes, whole, torn, other, payload);
  return 0;
}

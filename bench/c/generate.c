/* generate BYTES: writes that many bytes in lines of 99 times "x" and a newline, in big writes, and ends. BYTES is rounded down to lines. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE = 100, CHUNK = 65500 };

int main(int count, char **words) {
  if (count != 2) return 2;
  long long left = atoll(words[1]) / LINE * LINE;
  static char chunk[CHUNK];
  memset(chunk, 'x', CHUNK);
  for (int end = LINE - 1; end < CHUNK; end += LINE) chunk[end] = '\n';
  while (left > 0) {
    long long size = left < CHUNK ? left : CHUNK;
    for (long long done = 0; done < size;) {
      ssize_t written = write(1, chunk + done, size - done);
      if (written < 0) return 1;
      done += written;
    }
    left -= size;
  }
  return 0;
}

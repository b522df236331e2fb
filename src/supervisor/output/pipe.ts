/**
 * The reading end of a service's output. A stream of Node's gives each chunk a buffer of its own, and a flood of them waits
 * for the garbage collector; ours are all read into one buffer, one after the other, and a reader that keeps bytes copies them.
 */
import { type ConnectOpts, Socket, type SocketConstructorOpts } from 'node:net';
import type { Readable } from 'node:stream';

export interface Pipe {
  /** Begins to read. The bytes are there during the call only. */
  read(onBytes: (bytes: Uint8Array) => void): void;
  pause(): void;
  resume(): void;
  destroy(): void;
  /** Calls back once, when nothing more will come. */
  onClose(listener: () => void): void;
}

/** What a pipe of Linux holds, and one read takes at most. */
const READ_BYTES = 64 * 1024;
let shared: Buffer | null = null;

/** Takes the descriptor over. */
export function pipeOfDescriptor(fd: number): Pipe {
  let onBytes: (bytes: Uint8Array) => void = () => undefined;
  shared ??= Buffer.allocUnsafeSlow(READ_BYTES);
  const options: SocketConstructorOpts & Pick<ConnectOpts, 'onread'> = {
    fd,
    readable: true,
    writable: false,
    onread: {
      buffer: shared,
      callback: (length, buffer) => {
        onBytes(buffer.subarray(0, length));
        return true;
      },
    },
  };
  const socket = new Socket(options);
  // It would read at once.
  socket.pause();
  return pipeOver(socket, (listener) => {
    onBytes = listener;
    socket.resume();
  });
}

/** Over a stream that exists already. */
export function pipeOf(readable: Readable): Pipe {
  return pipeOver(readable, (listener) => readable.on('data', listener));
}

function pipeOver(readable: Readable, read: Pipe['read']): Pipe {
  readable.on('error', () => readable.destroy());
  return {
    read,
    pause: () => void readable.pause(),
    resume: () => void readable.resume(),
    destroy: () => void readable.destroy(),
    onClose: (listener) => void readable.once('close', listener),
  };
}

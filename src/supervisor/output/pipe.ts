/**
 * The reading end of a service's output. A Node stream allocates a buffer for each chunk, so that a flood of output would fill the memory
 * before the garbage collector runs. All pipes here read into one buffer; a reader that keeps bytes copies them.
 */
import { type ConnectOpts, Socket, type SocketConstructorOpts } from 'node:net';
import type { Readable } from 'node:stream';

export interface Pipe {
  /** Begins to read. `bytes` is valid only during the call of `onBytes`. */
  read(onBytes: (bytes: Uint8Array) => void): void;
  pause(): void;
  resume(): void;
  destroy(): void;
  /** Calls `listener` once, when the pipe has ended. */
  onClose(listener: () => void): void;
}

/** The capacity of a pipe on Linux, and the most that one read returns. */
const READ_BYTES = 64 * 1024;
let shared: Buffer | null = null;

/** Owns the descriptor from now on. */
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
  // A new socket reads at once; a pipe waits for `read`.
  socket.pause();
  return pipeOver(socket, (listener) => {
    onBytes = listener;
    socket.resume();
  });
}

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

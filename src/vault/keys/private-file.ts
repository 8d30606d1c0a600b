import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Readable by the owner alone. */
const PRIVATE_MODE = 0o600;
const PRIVATE_FOLDER_MODE = 0o700;

/** Makes the names of files in a folder durable. */
export function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/**
 * Writes a file as a whole or not at all: first to a file beside it, synced, then renamed over the old one, so that a
 * crash leaves either the old content or the new. Mode 0600; missing folders are made with 0700.
 * @throws the file system's error
 */
export function writePrivateFile(path: string, content: string): void {
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true, mode: PRIVATE_FOLDER_MODE });
  const neighbour = `${path}.${process.pid}.new`;
  rmSync(neighbour, { force: true });
  try {
    const file = openSync(neighbour, 'wx', PRIVATE_MODE);
    try {
      writeSync(file, content);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(neighbour, path);
  } catch (error) {
    rmSync(neighbour, { force: true });
    throw error;
  }
  syncFolder(folder);
}

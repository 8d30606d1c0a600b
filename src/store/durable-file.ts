import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Readable by the owner alone. */
export const PRIVATE_MODE = 0o600;

/**
 * Makes the list of files in a folder durable: without it, a file that was synced can be missing after a power loss
 * (fsync(2)).
 */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/**
 * Replaces a file durably, as a whole or not at all: writes a file beside it, syncs that, and renames it over the old
 * one. Mode 0600.
 * @throws the file system's error
 */
export async function replaceFile(path: string, content: string): Promise<void> {
  const neighbour = `${path}.new`;
  const file = await open(neighbour, 'w', PRIVATE_MODE);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(neighbour, path);
  await syncFolder(dirname(path));
}

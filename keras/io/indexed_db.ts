/** Keeps files by name in the page's IndexedDB. */

const DATABASE = 'convgl-keras';
const STORE = 'files';

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error!);
  });
}

async function transact<T>(mode: IDBTransactionMode, ask: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const request = ask(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error!);
    });
  } finally {
    database.close();
  }
}

/** The file of that name, or nothing. */
export function getFile(name: string): Promise<Uint8Array | undefined> {
  return transact('readonly', (store) => store.get(name) as IDBRequest<Uint8Array | undefined>);
}

/** Keeps a file, in place of one of the same name. */
export async function putFile(name: string, bytes: Uint8Array): Promise<void> {
  // A view would be kept with all of the memory that it is a part of.
  const own = bytes.length < bytes.buffer.byteLength ? bytes.slice() : bytes;
  await transact('readwrite', (store) => store.put(own, name));
}

/** Removes a file; nothing happens where there is none. */
export async function removeFile(name: string): Promise<void> {
  await transact('readwrite', (store) => store.delete(name));
}

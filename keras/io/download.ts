/** Downloads from a page: the browser saves bytes as a file of the user's. */
export function downloadFile(name: string, bytes: Uint8Array): void {
  const link = document.createElement('a');
  link.download = name;
  link.href = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>]));
  link.dispatchEvent(new MouseEvent('click'));
  // The browser reads the blob after this returns.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** A script for a worker, bundled by itself; the import gives its text. */
declare module '*?script' {
  const text: string;
  export default text;
}

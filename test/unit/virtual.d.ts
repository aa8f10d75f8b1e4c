/** The files of golden/ by their names without the extension, gathered when the specs are bundled. */
declare module 'virtual:golden' {
  const texts: Readonly<Record<string, string>>;
  export default texts;
}

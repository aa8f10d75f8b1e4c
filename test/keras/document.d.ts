/** A page of the documentation; the import gives its text. */
declare module '*.md' {
  const text: string;
  export default text;
}

/** Prints a line: to the terminal in Node, to the console of a page. */
export const print = (line: string): void => {
  // eslint-disable-next-line no-console -- what is asked to print does so
  console.log(line);
};

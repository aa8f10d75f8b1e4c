/** The kernel cases that test/cases marks for timing, gathered when the page is built. */
declare module 'virtual:cases' {
  import type { KernelCase } from '../../test/cases/case';
  const cases: readonly KernelCase[];
  export default cases;
}

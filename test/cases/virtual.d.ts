/** The joined cases of this folder's files, gathered when the specs are bundled. */
declare module 'virtual:cases' {
  const cases: readonly import('./case').KernelCase[];
  export default cases;
}

/** The page's side of host.js. */
import { hostKernels } from '../../src/index';

Object.assign(globalThis, { hostKernels });

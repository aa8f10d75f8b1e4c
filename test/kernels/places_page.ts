/** The page's side of places.js. */
import { kernelPlaces } from '../../src/index';

Object.assign(globalThis, { kernelPlaces });

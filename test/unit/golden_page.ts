/** The page's side of golden_rewrite.js. */
import { goldenTexts } from './golden_plans';

Object.assign(globalThis, { goldenTexts });

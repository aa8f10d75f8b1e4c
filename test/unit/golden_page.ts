/** The page's side of golden_rewrite.js. */
import { excerptOf, traceTrainingStep } from '../training/training_trace';
import { goldenTexts } from './golden_plans';

const goldenTrace = async (): Promise<string> => excerptOf(String(await traceTrainingStep()));

Object.assign(globalThis, { goldenTexts, goldenTrace });

/** tfjs-core specs that must fail on convgl, each with the reason; one that passes fails the run. */

/** These specs ask a canvas for a context whose type is the backend's name. */
const CONTEXT_TYPE = "The spec takes the backend's name for a canvas context's type, and there is none named convgl.";

const drawSpecs = [
  'draw image with 4 channels and int values',
  'draw image with 4 channels and int values, alpha=0.5',
  'draw image with 4 channels and float values',
  'draw image with 3 channels and int values',
  'draw image with 3 channels and int values, alpha=0.5',
  'draw image with 3 channels and float values',
  'draw 2D image in grayscale',
  'draw image with alpha=0.5',
  'draw image works when canvas has been used for 2d',
];

/** Reasons by a spec's full name. */
export const skips: Readonly<Record<string, string>> = Object.fromEntries(
  drawSpecs.map((name) => [`draw on canvas context convgl {} ${name}`, CONTEXT_TYPE]),
);

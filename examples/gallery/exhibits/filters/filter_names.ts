/** The filters of the page, in the visitor's words. */

export const FILTERS = {
  none: 'none',
  mean: 'mean',
  gaussian: 'Gaussian',
  median: 'median',
  sharpen: 'sharpening',
  laplacian: 'Laplacian',
  laplacianOfGaussian: 'Laplacian of Gaussian',
  edgeStrength: 'edges, all',
  verticalEdges: 'edges, vertical',
  horizontalEdges: 'edges, horizontal',
  horizontalLines: 'lines, horizontal',
  verticalLines: 'lines, vertical',
  fallingLines: 'lines, falling',
  risingLines: 'lines, rising',
} as const;

export type Filter = keyof typeof FILTERS;

/** Filters whose results have both signs: they are shown around grey. */
export const SIGNED: readonly Filter[] = [
  'laplacian',
  'laplacianOfGaussian',
  'verticalEdges',
  'horizontalEdges',
  'horizontalLines',
  'verticalLines',
  'fallingLines',
  'risingLines',
];

/** Filters that the visitor chooses the size of. */
export const SIZED: readonly Filter[] = ['mean', 'gaussian', 'median', 'sharpen', 'laplacianOfGaussian'];

/** Filters with a sigma. */
export const BELLS: readonly Filter[] = ['gaussian', 'laplacianOfGaussian'];

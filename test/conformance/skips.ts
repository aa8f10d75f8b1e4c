/** tfjs-core specs that must fail on convgl, each with the reason; one that passes fails the run. */

/** Reasons by a spec's full name. */
export const skips: Readonly<Record<string, string>> = {
  'depthwiseConv2d gradients convgl {} throws error on dilations > 1':
    'It expects tfjs-core to refuse this gradient, which is registered here and right.',
};

/** tfjs-core specs that must fail on convgl, each with the reason; one that passes fails the run. */

/** Firefox on Linux takes its H.264 decoder from the system. */
const playsH264 = document.createElement('video').canPlayType('video/mp4; codecs="avc1.64000a"') !== '';

/** Reasons by a spec's full name. */
export const skips: Readonly<Record<string, string>> = {
  'depthwiseConv2d gradients convgl {} throws error on dilations > 1':
    'It expects tfjs-core to refuse this gradient, which is registered here and right.',
  ...(playsH264
    ? {}
    : { 'fromPixels convgl {} fromPixels for HTMLVideoElement': 'This browser has no decoder for its H.264 video.' }),
};

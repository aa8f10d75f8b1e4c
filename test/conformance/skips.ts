/** tfjs-core specs that must fail on convgl, each with the reason; one that passes fails the run. */

/** The usual backend, and one that computes small tensors, too, on the GPU. */
export const BACKENDS = ['convgl', 'convgl-gpu'] as const;

/** Firefox on Linux takes its H.264 decoder from the system. */
const playsH264 = document.createElement('video').canPlayType('video/mp4; codecs="avc1.64000a"') !== '';

/** Reasons by a spec's full name. */
export const skips: Readonly<Record<string, string>> = {
  ...onEach(
    'depthwiseConv2d gradients',
    'throws error on dilations > 1',
    'It expects tfjs-core to refuse this gradient, which is registered here and right.',
  ),
  ...(playsH264
    ? {}
    : onEach('fromPixels', 'fromPixels for HTMLVideoElement', 'This browser has no decoder for its H.264 video.')),
};

/** A spec on each backend. */
function onEach(suite: string, spec: string, reason: string): Record<string, string> {
  return Object.fromEntries(BACKENDS.map((backend) => [`${suite} ${backend} {} ${spec}`, reason]));
}

/** tfjs-core's own specs. */
import './setup';
import '@tensorflow/tfjs-core/dist/tests';

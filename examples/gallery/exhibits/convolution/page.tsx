/** The exhibit's page: a window over a signal, over a picture, and what a layer of such windows costs. */
import { mount, openWorker } from '../../framework/mount';
import { CountingPanel } from './counting';
import { ImagePanel } from './image';
import { SignalPanel } from './signal';
import type { ConvolutionTasks } from './worker';

const connection = openWorker<ConvolutionTasks>();

mount(
  () => (
    <>
      <SignalPanel connection={connection} />
      <ImagePanel connection={connection} />
      <CountingPanel connection={connection} />
    </>
  ),
  connection,
);

/** The backend as tests see it: with its inside. */
import { convglBackend } from '../src/index';
import type { Backend } from '../src/tensors/backend';

/** The backend named convgl. @throws Error where it does not run */
export function backendInside(): Backend {
  return convglBackend() as Backend;
}

// @ts-check
/** Serves the built gallery to this machine, as strictly as a careful host would. */
import { serveFolder } from '../host/server.js';

/** The pages load what lies beside them, and nothing else. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data: blob:",
  "media-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * @param {string} folder
 * @param {import('../host/server.js').ServeOptions} [options]
 */
export function serveGallery(folder, options = {}) {
  return serveFolder(folder, { ...options, headers: { 'content-security-policy': POLICY } });
}

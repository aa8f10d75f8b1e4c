// @ts-check
/** The static part of the site's pages: head, header, text, highlighted code and links, which need no script. */
import hljs from 'highlight.js/lib/core';
import typescript from 'highlight.js/lib/languages/typescript';

/** @typedef {import('./site.js').Exhibit} Exhibit */

hljs.registerLanguage('typescript', typescript);

const REPOSITORY_NOTE =
  'convgl is a WebGL2 backend for TensorFlow.js. Everything here is computed by it, in this browser, on this device.';

/** @param {string} text */
const escaped = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/**
 * @param {object} page
 * @param {string} page.title
 * @param {string} page.base the way to the site's folder
 * @param {string} page.script
 * @param {string} [page.exhibit] its name
 * @param {string} page.body
 */
function document({ title, base, script, exhibit, body }) {
  return `<!doctype html>
<html lang="en"${exhibit === undefined ? '' : ` data-exhibit="${exhibit}"`}>
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>${escaped(title)}</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="${base}assets/gallery.css" />
    <script type="module" src="${base}assets/${script}.js"></script>
  </head>
  <body>
    <a class="skip" href="#main">Skip to the content</a>
    <header class="bar">
      <a class="home" href="${base}index.html"><strong>convgl</strong> gallery</a>
      <button id="theme" type="button">Theme</button>
    </header>
${body}
    <footer><p>${REPOSITORY_NOTE}</p></footer>
  </body>
</html>
`;
}

/**
 * @param {Exhibit} exhibit
 * @param {object} parts
 * @param {string} parts.text
 * @param {readonly { name: string, text: string }[]} parts.code
 * @param {readonly [Exhibit | undefined, Exhibit | undefined]} parts.neighbours
 */
export function exhibitPage({ name, title, summary }, { text, code, neighbours: [previous, next] }) {
  const link = (/** @type {Exhibit | undefined} */ to, /** @type {string} */ sign, /** @type {string} */ rel) =>
    to
      ? `<a rel="${rel}" href="../${to.name}/index.html">${sign.replace('#', escaped(to.title))}</a>`
      : '<span></span>';
  const body = `    <main id="main" class="exhibit">
      <h1>${escaped(title)}</h1>
      <p class="lead">${escaped(summary)}</p>
      <div id="stage"><noscript>This exhibit computes in your browser and needs JavaScript.</noscript></div>
      <div class="text">
${text}
      </div>
${code.map(codeView).join('\n')}
      <nav class="neighbours" aria-label="Exhibits">${link(previous, '← #', 'prev')}${link(next, '# →', 'next')}</nav>
    </main>`;
  return document({ title: `${title} · convgl`, base: '../', script: name, exhibit: name, body });
}

/** @param {{ name: string, text: string }} file */
function codeView({ name, text }) {
  const { value } = hljs.highlight(text, { language: 'typescript' });
  return `      <details class="code">
        <summary>The code that runs: <code>${escaped(name)}</code></summary>
        <pre tabindex="0" aria-label="${escaped(name)}"><code>${value}</code></pre>
      </details>`;
}

/** @param {readonly Exhibit[]} exhibits */
export function landingPage(exhibits) {
  const cards = exhibits.map(
    ({ name, title, summary, thumbnail }) => `        <li>
          <a href="${name}/index.html">
            <img src="${name}/thumbnail.webp" alt="${escaped(thumbnail)}" width="320" height="200" loading="lazy" />
            <h2>${escaped(title)}</h2>
            <p>${escaped(summary)}</p>
          </a>
        </li>`,
  );
  const body = `    <main id="main" class="landing">
      <h1>Convolutional networks, live in this browser</h1>
      <p class="lead">Each page runs a network or a piece of one on your own graphics processor: change a number, and
      see what it does. The code that runs is one click away. It is plain TensorFlow.js, computed by convgl.</p>
      <ul class="cards">
${cards.join('\n')}
      </ul>
      <p>The network of the Keras tutorial for Fashion-MNIST trains <a href="fashion-mnist/index.html">on a page of its
      own</a>.</p>
    </main>`;
  return document({ title: 'convgl gallery', base: '', script: 'landing', body });
}

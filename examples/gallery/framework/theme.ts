/** Light or dark: the system's choice, or the visitor's, which is kept; and the style sheet's colours for canvases. */

const KEY = 'convgl-gallery-theme';
const THEMES = ['light dark', 'light', 'dark'] as const;
const NAMES: Readonly<Record<string, string>> = { 'light dark': 'as the system', light: 'light', dark: 'dark' };

const listeners = new Set<() => void>();

/** Makes the page's theme button work. */
export function followTheme(): void {
  const button = document.getElementById('theme');
  const { style } = document.documentElement;
  const apply = (theme: string) => {
    style.colorScheme = theme;
    if (button) button.textContent = `Theme: ${NAMES[theme] ?? theme}`;
    for (const listener of listeners) listener();
  };
  apply(kept());
  button?.addEventListener('click', () => {
    const next = THEMES[(THEMES.findIndex((theme) => theme === style.colorScheme) + 1) % THEMES.length] ?? THEMES[0];
    localStorage.setItem(KEY, next);
    apply(next);
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => apply(style.colorScheme));
}

function kept(): string {
  try {
    return localStorage.getItem(KEY) ?? THEMES[0];
  } catch {
    return THEMES[0];
  }
}

/** Calls back whenever the colours change. @returns ends that */
export function onThemeChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** A colour of the style sheet (`ink`, `accent`, `series-1`) as canvases need it: resolved, not as `light-dark()`. */
export function themeColour(name: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

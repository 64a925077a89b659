/** Light and dark: what the user wishes, and what the page is at the moment. */
import type { Theme } from './address.js';

/** Gives the page a theme. */
export function applyTheme(theme: Theme): void {
  if (theme === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

/** The system's wish for a dark page. */
export const prefersDark = () => matchMedia('(prefers-color-scheme: dark)');

/** Whether the page is dark at the moment. */
export function isDark(): boolean {
  const scheme = getComputedStyle(document.documentElement).colorScheme;
  if (scheme.includes('light')) return scheme.includes('dark') && prefersDark().matches;
  return scheme.includes('dark');
}

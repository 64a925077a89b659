/** Light and dark: what the page is at the moment. */

/** The system's wish for a dark page. */
export const prefersDark = () => matchMedia('(prefers-color-scheme: dark)');

/** Whether the page is dark at the moment. */
export function isDark(): boolean {
  const scheme = getComputedStyle(document.documentElement).colorScheme;
  if (scheme.includes('light')) return scheme.includes('dark') && prefersDark().matches;
  return scheme.includes('dark');
}
